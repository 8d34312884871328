// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/name.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres::dump {
namespace {

TEST(Name, IsReadAsTheCatalogueHoldsIt) {
    const auto name = parse_name("public.\"My \"\"Table\"\".\"");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->schema, "public");
    EXPECT_EQ(name->name, "My \"Table\".");
    EXPECT_EQ(parse_name("Lower")->name, "lower");
    EXPECT_EQ(parse_name("Lower")->schema, "");
}

TEST(Name, IsNotMadeUp) {
    for (const char* text : {"", "a.", ".a", "a.b.c", "'a'", "a b", "U&\"a\"", "\"torn", "1"}) {
        EXPECT_FALSE(parse_name(text)) << text;
    }
}

TEST(Name, ComesBackFromItsQuotedForm) {
    for (const char* name : {"simple", "With \"quotes\"", "", "select", "a.b", "é"}) {
        EXPECT_EQ(unquote_identifier(quote_identifier(name)), name);
    }
}

} // namespace
} // namespace drctl::postgres::dump
