// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/tuning.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres::restore {
namespace {

constexpr system::ByteSize operator""_MiB(unsigned long long size) {
    return {size << 20};
}

TEST(Tuning, TakesOneSessionPerCore) {
    EXPECT_EQ(tuning_for(0, 6, {}, 8192_MiB).jobs, 6U);
    EXPECT_EQ(tuning_for(3, 6, {}, 8192_MiB).jobs, 3U);
    EXPECT_EQ(tuning_for(0, 0, {}, 8192_MiB).jobs, 1U);
}

TEST(Tuning, SharesMemoryBetweenSessionsWithinLimits) {
    EXPECT_EQ(tuning_for(4, 4, {}, 512_MiB).sort_memory, 32_MiB);
    EXPECT_EQ(tuning_for(4, 4, 100_MiB, 8192_MiB).sort_memory, 25_MiB);
    EXPECT_EQ(tuning_for(8, 8, {}, 256_MiB).sort_memory, 16_MiB);
    EXPECT_EQ(tuning_for(1, 4, {}, 65536_MiB).sort_memory, 64_MiB);
}

TEST(Tuning, FindsOutAboutThisMachine) {
    EXPECT_GE(cores_of_this_machine(), 1U);
    EXPECT_GT(memory_of_this_machine(), 64_MiB);
}

} // namespace
} // namespace drctl::postgres::restore
