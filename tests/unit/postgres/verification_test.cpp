// SPDX-License-Identifier: Apache-2.0
#include "postgres/verify.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres {
namespace {

Cause damage(DamageScope scope, const char* words) {
    Cause cause;
    cause.scope = scope;
    cause.words = words;
    return cause;
}

TEST(Verification, KeepsTheFirstThatIsWrong) {
    Verification found;
    found.add(damage(DamageScope::database, "first"));
    found.add(damage(DamageScope::none, "second"));
    EXPECT_EQ(found.wrong->words, "first");
    ASSERT_EQ(found.also_wrong.size(), 1U);
    EXPECT_EQ(found.also_wrong.front().words, "second");
}

TEST(Verification, DamageOfAnIndexHidesNothing) {
    Verification found;
    found.add(damage(DamageScope::index, "an index"));
    EXPECT_EQ(found.wrong->words, "an index");
    found.add(damage(DamageScope::database, "rows"));
    found.add(damage(DamageScope::index, "another index"));
    EXPECT_EQ(found.wrong->words, "rows");
    ASSERT_EQ(found.also_wrong.size(), 2U);
    EXPECT_EQ(found.also_wrong.front().words, "an index");
}

TEST(Verification, WhatCannotBeJudgedHidesNothing) {
    Verification found;
    found.add(damage(DamageScope::none, "a typo"));
    found.add(damage(DamageScope::index, "an index"));
    EXPECT_EQ(found.wrong->words, "an index");
    EXPECT_FALSE(found.decided());
    Verification more;
    more.good = {"tables read"};
    more.add(damage(DamageScope::cluster, "pg_xact"));
    found.add(std::move(more));
    EXPECT_EQ(found.wrong->words, "pg_xact");
    EXPECT_TRUE(found.decided());
    EXPECT_EQ(found.also_wrong.size(), 2U);
    EXPECT_EQ(found.good.size(), 1U);
}

} // namespace
} // namespace drctl::postgres
