// SPDX-License-Identifier: Apache-2.0
#include "postgres/sqlstate.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres {
namespace {

TEST(Sqlstate, NamesTheConditionAndElseItsClass) {
    EXPECT_EQ(condition_name("23505"), "unique_violation");
    EXPECT_EQ(condition_name("23999"), "integrity_constraint_violation");
    EXPECT_EQ(condition_name("99999"), "error");
    EXPECT_EQ(condition_name(""), "error");
}

TEST(Sqlstate, KnowsWhichMessagesQuoteDataOrStatements) {
    EXPECT_FALSE(message_is_free_of_data("22P02")); // invalid input syntax for type integer: "…"
    EXPECT_FALSE(message_is_free_of_data("42601")); // syntax error at or near "…"
    EXPECT_FALSE(message_is_free_of_data("P0001")); // whatever a function raised
    EXPECT_FALSE(message_is_free_of_data("99999")); // unknown: assume the worst
    EXPECT_TRUE(message_is_free_of_data("42P01"));
    EXPECT_TRUE(message_is_free_of_data("XX001"));
}

TEST(Sqlstate, TellsDamageFromRefusalAndFromAnAbsentServer) {
    EXPECT_EQ(error_code_of("XX001"), ErrorCode::damaged);
    EXPECT_EQ(error_code_of("XX002"), ErrorCode::damaged);
    EXPECT_EQ(error_code_of("XX000"), ErrorCode::failed);
    EXPECT_EQ(error_code_of("28P01"), ErrorCode::refused);
    EXPECT_EQ(error_code_of("42501"), ErrorCode::refused);
    EXPECT_EQ(error_code_of("57P03"), ErrorCode::unreachable);
    EXPECT_EQ(error_code_of("53300"), ErrorCode::unreachable);
    EXPECT_EQ(error_code_of("57014"), ErrorCode::timed_out);
    EXPECT_EQ(error_code_of("53100"), ErrorCode::failed);
}

TEST(Sqlstate, HasHintsWhereAPersonCanDoSomething) {
    EXPECT_NE(hint_for("53100"), "");
    EXPECT_NE(hint_for("28000"), "");
    EXPECT_EQ(hint_for("23505"), "");
}

} // namespace
} // namespace drctl::postgres
