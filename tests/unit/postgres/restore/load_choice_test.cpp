// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/load_choice.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres::restore {
namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;

LoadQuestion question(std::uint64_t bytes, unsigned jobs, double pending_builds = 0) {
    LoadQuestion result;
    result.fresh = true;
    result.bytes = bytes;
    result.jobs = jobs;
    result.pending_builds = pending_builds;
    return result;
}

TEST(LoadChoice, LoadsSmallTablesAsTheyAre) {
    EXPECT_EQ(choose_load(question(1000, 4)), LoadMode::whole);
}

TEST(LoadChoice, FreezesTablesThatNobodyHasTouched) {
    EXPECT_EQ(choose_load(question(mebibyte, 4)), LoadMode::frozen);
    auto touched = question(mebibyte, 4);
    touched.fresh = false;
    EXPECT_EQ(choose_load(touched), LoadMode::whole);
}

TEST(LoadChoice, SplitsALargeTableWhereOthersWouldStandIdle) {
    EXPECT_EQ(choose_load(question(1000 * mebibyte, 2)), LoadMode::split);
    EXPECT_EQ(choose_load(question(1000 * mebibyte, 8)), LoadMode::split);
    EXPECT_EQ(choose_load(question(1000 * mebibyte, 1)), LoadMode::frozen);
}

TEST(LoadChoice, FreezesALargeTableWhileOthersBuildIndexes) {
    const double busy = 900.0 * mebibyte;
    EXPECT_EQ(choose_load(question(1000 * mebibyte, 2, busy)), LoadMode::frozen);
    EXPECT_EQ(choose_load(question(1000 * mebibyte, 8, busy)), LoadMode::split); // not all of them
}

TEST(LoadChoice, SplitsWhatCannotBeFrozenAnyway) {
    auto touched = question(1000 * mebibyte, 2, 5000.0 * mebibyte);
    touched.fresh = false;
    EXPECT_EQ(choose_load(touched), LoadMode::split);
}

} // namespace
} // namespace drctl::postgres::restore
