// SPDX-License-Identifier: Apache-2.0
#include "views/progress.hpp"

#include <gtest/gtest.h>

namespace drctl::app::views {
namespace {

using engine::Progress;
using std::chrono::seconds;

constexpr std::uint64_t mib = std::uint64_t{1} << 20;
const system::SteadyTime start{seconds(1000)};

TEST(ProgressMeter, ShowsAmountShareRateAndTimeLeft) {
    ProgressMeter meter;
    for (unsigned second = 0; second <= 10; ++second) {
        meter.update({Progress::Unit::bytes, "copy", second * 50 * mib, 1000 * mib},
                     start + seconds(second));
    }
    EXPECT_EQ(meter.line(), "copy  500 MiB of 1000 MiB  50%  50 MiB/s  10s left");
}

TEST(ProgressMeter, LeavesOutWhatIsNotKnown) {
    ProgressMeter meter;
    meter.update({Progress::Unit::items, "wait for the server", 0, 0}, start);
    EXPECT_EQ(meter.line(), "wait for the server");
    meter.update({Progress::Unit::items, "wait for the server", 3, 0}, start + seconds(1));
    EXPECT_EQ(meter.line(), "wait for the server  3  3/s");
}

TEST(ProgressMeter, BeginsAnewWithEachPhase) {
    ProgressMeter meter;
    meter.update({Progress::Unit::bytes, "copy", 0, 100 * mib}, start);
    meter.update({Progress::Unit::bytes, "copy", 100 * mib, 100 * mib}, start + seconds(5));
    meter.update({Progress::Unit::items, "index", 1, 12}, start + seconds(6));
    EXPECT_EQ(meter.line(), "index  1 of 12  8%");
    EXPECT_EQ(meter.age(start + seconds(8)), seconds(2));
}

TEST(ProgressMeter, NeverShowsMoreThanAll) {
    ProgressMeter meter;
    meter.update({Progress::Unit::items, "index", 13, 12}, start);
    EXPECT_EQ(meter.line(), "index  13 of 12  100%");
}

TEST(ProgressMeter, EscapesThePhase) {
    ProgressMeter meter;
    meter.update({Progress::Unit::items, "table \x1b[2J", 0, 0}, start);
    EXPECT_EQ(meter.line(), "table \\x1b[2J");
}

} // namespace
} // namespace drctl::app::views
