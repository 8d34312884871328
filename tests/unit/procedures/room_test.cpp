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

using Bytes = std::map<std::string, std::uint64_t>;

TEST(CopyRoom, IsThatOfTheOldDatabaseOrTwiceTheDump) {
    EXPECT_EQ(copy_room({"fast", {}, {{"fast", 500}}, 100}).needed, (Bytes{{"fast", 500}}));
    EXPECT_EQ(copy_room({"fast", {}, {{"fast", 50}}, 100}).needed, (Bytes{{"fast", 200}}));
    EXPECT_EQ(copy_room({"fast", {}, {}, 100}).needed, (Bytes{{"fast", 200}})) << "it is gone";
}

TEST(CopyRoom, IsWhereTheDumpPutsItsTables) {
    const Bytes old{{"pg_default", 300}, {"fast", 200}, {"slow", 100}};
    // One of --no-tablespaces puts all of them into the copy's own.
    EXPECT_EQ(copy_room({"pg_default", {}, old, 100}).needed, (Bytes{{"pg_default", 600}}));
    const auto room = copy_room({"pg_default", {"fast"}, old, 100});
    EXPECT_EQ(room.needed, (Bytes{{"pg_default", 400}, {"fast", 200}}));
    EXPECT_EQ(room.somewhere, 0U);
    EXPECT_EQ(copy_room({"fast", {"fast"}, {{"fast", 1}}, 100}).needed, (Bytes{{"fast", 200}}));
}

TEST(CopyRoom, IsSomewhereWhereNobodyKnows) {
    const auto grown = copy_room({"pg_default", {"fast"}, {{"pg_default", 30}, {"fast", 20}}, 100});
    EXPECT_EQ(grown.needed, (Bytes{{"pg_default", 30}, {"fast", 20}}));
    EXPECT_EQ(grown.somewhere, 150U);
    const auto gone = copy_room({"pg_default", {"fast"}, {}, 100});
    EXPECT_EQ(gone.needed, (Bytes{{"pg_default", 0}, {"fast", 0}}));
    EXPECT_EQ(gone.somewhere, 200U);
}

} // namespace
} // namespace drctl::procedures
