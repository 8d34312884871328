// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/backups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::procedures {
namespace {

using testing::HasSubstr;

class StrangeDump : public testing::Test {
  protected:
    StrangeDump() {
        outline.relations = {"public.orders", "public.clients"};
        seen.emplace();
        seen->relations = {{"public.orders", 1}, {"public.clients", 2}};
    }

    [[nodiscard]] std::string strange() const { return what_is_strange(outline, "shop", seen); }

    postgres::dump::Outline outline;
    std::optional<LastSeen> seen;
};

TEST_F(StrangeDump, IsNotOneOfThisDatabase) {
    EXPECT_EQ(strange(), "");
    outline.database = "shop";
    EXPECT_EQ(strange(), "");
}

TEST_F(StrangeDump, IsOneOfAnotherDatabase) {
    outline.database = "billing";
    EXPECT_THAT(strange(), HasSubstr("database 'billing'"));
}

TEST_F(StrangeDump, MayLackTablesThatAreYounger) {
    seen->relations.emplace("public.votes", 3);
    EXPECT_EQ(strange(), "");
}

TEST_F(StrangeDump, IsOneOfASmallPart) {
    seen->relations = {{"public.orders", 1}, {"public.a", 2}, {"public.b", 3}, {"public.c", 4}};
    EXPECT_THAT(strange(), HasSubstr("lacks 3 of the 4"));
}

TEST_F(StrangeDump, IsNotKnownWhereNobodyHasSeenTheDatabase) {
    outline.relations.clear();
    seen.reset();
    EXPECT_EQ(strange(), "");
}

} // namespace
} // namespace drctl::procedures
