// SPDX-License-Identifier: Apache-2.0
#include "suggest.hpp"

#include <gtest/gtest.h>

namespace drctl::app {
namespace {

const std::vector<std::string> commands{"db-recover", "db-verify", "backup", "runs", "status"};

TEST(Suggest, FindsTheWordWithLettersExchangedMissingOrWrong) {
    EXPECT_EQ(suggest("db-recvoer", commands), "db-recover");
    EXPECT_EQ(suggest("satus", commands), "status");
    EXPECT_EQ(suggest("dbrecover", commands), "db-recover");
    EXPECT_EQ(suggest("bakcups", commands), "backup");
}

TEST(Suggest, FindsTheOneThatBeginsLikeThis) {
    EXPECT_EQ(suggest("db-re", commands), "db-recover");
}

TEST(Suggest, SaysNothingWhereTwoAreEquallyNear) {
    EXPECT_EQ(suggest("db-", commands), std::nullopt);
}

TEST(Suggest, SaysNothingWhereNoneIsNear) {
    EXPECT_EQ(suggest("frobnicate", commands), std::nullopt);
    EXPECT_EQ(suggest("", commands), std::nullopt);
}

} // namespace
} // namespace drctl::app
