// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/room.hpp"

#include <gtest/gtest.h>

namespace drctl::procedures {
namespace {

constexpr std::uint64_t max_wal_size = 1000;

WalRoom room(std::uint64_t present, bool held, std::uint64_t dump_bytes) {
    return wal_room({max_wal_size, present, held}, dump_bytes);
}

TEST(WalRoom, OfASmallDumpIsThatOfItsRowsAndIndexes) {
    EXPECT_EQ(room(0, false, 100).needed, 200U);
    EXPECT_EQ(room(150, false, 100).needed, 50U) << "segments are used again";
    EXPECT_EQ(room(900, false, 100).needed, 0U);
}

TEST(WalRoom, OfALargeDumpIsThatBetweenCheckpoints) {
    EXPECT_EQ(room(0, false, 1'000'000).needed, 2000U);
    EXPECT_EQ(room(800, false, 1'000'000).needed, 1200U);
    EXPECT_EQ(room(50'000, false, 1'000'000).needed, 1000U)
        << "what lies there beyond max_wal_size is kept for a reason";
}

TEST(WalRoom, IsNotMadeBySegmentsThatSomebodyHolds) {
    EXPECT_EQ(room(900, true, 100).needed, 200U);
    EXPECT_EQ(room(900, true, 1'000'000).at_worst, 2'000'000U);
}

} // namespace
} // namespace drctl::procedures
