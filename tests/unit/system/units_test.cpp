// SPDX-License-Identifier: Apache-2.0
#include "system/units.hpp"

#include <gtest/gtest.h>

namespace drctl::system {
namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, TakesEveryUnit) {
    EXPECT_EQ(parse_duration("500ms"), Duration(500));
    EXPECT_EQ(parse_duration("2s"), Duration(2s));
    EXPECT_EQ(parse_duration("15m"), Duration(15min));
    EXPECT_EQ(parse_duration("26h"), Duration(26h));
    EXPECT_EQ(parse_duration("30d"), Duration(720h));
    EXPECT_EQ(parse_duration("0s"), Duration(0));
}

TEST(ParseDuration, RefusesWhatIsNone) {
    for (const auto* text : {"", "5", "s", "-5s", "5 s", "1.5h", "5sec", "1h30m", "5S", "+5s",
                             "99999999999999999d", "99999999999999999999s"}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
}

TEST(ParseDuration, RefusesWhatCannotBeAddedToATime) {
    EXPECT_EQ(parse_duration("36500d"), longest_duration);
    EXPECT_GT(SystemClock().wall() + longest_duration, SystemClock().wall());
    EXPECT_GT(SystemClock().steady() + longest_duration, SystemClock().steady());
    for (const auto* text : {"36501d", "99999d", "876001h", "3153600000001ms"}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
}

TEST(ParseSize, TakesBinaryAndDecimalUnits) {
    EXPECT_EQ(parse_size("4096"), ByteSize{4096});
    EXPECT_EQ(parse_size("17B"), ByteSize{17});
    EXPECT_EQ(parse_size("16KiB"), ByteSize{16 << 10});
    EXPECT_EQ(parse_size("16MiB"), ByteSize{16 << 20});
    EXPECT_EQ(parse_size("1TiB"), ByteSize{std::uint64_t{1} << 40});
    EXPECT_EQ(parse_size("1kB"), ByteSize{1'000});
    EXPECT_EQ(parse_size("3GB"), ByteSize{3'000'000'000});
}

TEST(ParseSize, RefusesWhatIsNone) {
    for (const auto* text : {"", "MiB", "16 MiB", "-1", "1.5GiB", "16M", "16777216TiB"}) {
        EXPECT_FALSE(parse_size(text)) << text;
    }
}

TEST(ParseRfc3339, TakesOffsetsFractionsAndLeapSeconds) {
    const auto expected = WallTime(std::chrono::seconds(1795403702));
    EXPECT_EQ(parse_rfc3339("2026-11-23T03:15:02Z"), expected);
    EXPECT_EQ(parse_rfc3339("2026-11-23 03:15:02z"), expected);
    EXPECT_EQ(parse_rfc3339("2026-11-23T04:45:02+01:30"), expected);
    EXPECT_EQ(parse_rfc3339("2026-11-22T22:15:02-05:00"), expected);
    EXPECT_EQ(parse_rfc3339("2026-11-23T03:15:02.25Z"), expected + 250ms);
    EXPECT_EQ(parse_rfc3339("2026-11-23T03:15:02.0000000001Z"), expected);
    EXPECT_EQ(parse_rfc3339("2026-11-23T03:14:60Z"), expected - 2s);
    EXPECT_TRUE(parse_rfc3339("2024-02-29T00:00:00Z"));
}

TEST(ParseRfc3339, RefusesWhatIsNone) {
    for (const auto* text :
         {"", "2026-11-23", "2026-11-23T03:15Z", "2026-11-23T03:15:02", "2026-13-01T00:00:00Z",
          "2023-02-29T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T03:60:00Z",
          "2026-11-23T03:15:61Z", "2026-11-23T03:15:02.Z", "2026-11-23T03:15:02+1:00",
          "2026-11-23T03:15:02Z ", "1600-01-01T00:00:00Z", "2300-01-01T00:00:00Z"}) {
        EXPECT_FALSE(parse_rfc3339(text)) << text;
    }
}

TEST(FormatDuration, ShowsTheTwoLargestUnits) {
    EXPECT_EQ(format_duration(0ms), "0ms");
    EXPECT_EQ(format_duration(312ms), "312ms");
    EXPECT_EQ(format_duration(2s), "2s");
    EXPECT_EQ(format_duration(41'289ms), "41.2s");
    EXPECT_EQ(format_duration(59'999ms), "59.9s");
    EXPECT_EQ(format_duration(60s), "1m");
    EXPECT_EQ(format_duration(90s), "1m 30s");
    EXPECT_EQ(format_duration(72min), "1h 12m");
    EXPECT_EQ(format_duration(26h), "1d 2h");
    EXPECT_EQ(format_duration(-90s), "-1m 30s");
    EXPECT_EQ(format_duration(std::chrono::milliseconds::min()), "-106751991167d 7h");
}

TEST(FormatSize, KeepsTwoOrThreeDigits) {
    EXPECT_EQ(format_size({0}), "0 B");
    EXPECT_EQ(format_size({17}), "17 B");
    EXPECT_EQ(format_size({1023}), "1023 B");
    EXPECT_EQ(format_size({1024}), "1.0 KiB");
    EXPECT_EQ(format_size({std::uint64_t{3} << 29}), "1.5 GiB");
    EXPECT_EQ(format_size({std::uint64_t{312} << 20}), "312 MiB");
    EXPECT_EQ(format_size({(std::uint64_t{1} << 20) - 1}), "1.0 MiB");
    EXPECT_EQ(format_size({~std::uint64_t{0}}), "16 EiB");
}

TEST(FormatTime, IsUtcInWholeSeconds) {
    const auto time = WallTime(std::chrono::seconds(1795403702)) + 999ms;
    EXPECT_EQ(format_rfc3339(time), "2026-11-23T03:15:02Z");
    EXPECT_EQ(format_compact(time), "20261123T031502Z");
    EXPECT_EQ(format_rfc3339(WallTime(-1ms)), "1969-12-31T23:59:59Z");
}

} // namespace
} // namespace drctl::system
