// SPDX-License-Identifier: Apache-2.0
#include "backup/taken.hpp"

#include "support/fake_clock.hpp"
#include "system/units.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::backup {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr auto now = test::FakeClock::start;

/// As --verbose writes it.
postgres::dump::Header started(system::WallTime time, const std::string& zone = "UTC") {
    auto text = system::format_rfc3339(time);
    text.replace(text.find('T'), 1, " ");
    text.replace(text.find('Z'), 1, " " + zone);
    postgres::dump::Header header;
    header.started = text;
    return header;
}

Candidate written(system::WallTime time) {
    Candidate candidate;
    candidate.taken = time;
    return candidate;
}

TEST(Taken, FromTheDumpWhereTheNameSaysNothing) {
    const auto found = dated(written(now - 1h), started(now - 2h), now);
    EXPECT_EQ(found.taken, now - 2h);
    EXPECT_EQ(found.taken_from, TimeSource::content);
    EXPECT_EQ(found.unusable, "");
}

TEST(Taken, FromTheNameWhereThatSaysIt) {
    auto named = written(now - 1h);
    named.taken_from = TimeSource::name;
    const auto found = dated(named, started(now + 48h), now);
    EXPECT_EQ(found.taken, now - 1h);
    EXPECT_EQ(found.taken_from, TimeSource::name);
    EXPECT_EQ(found.unusable, "");
}

TEST(Taken, NotInTheFuture) {
    // The file may have been written then, too, or so its time of modification says.
    for (const auto last_written : {now - 1h, now + 48h}) {
        const auto found = dated(written(last_written), started(now + 11min), now);
        EXPECT_THAT(found.unusable, HasSubstr("in the future"));
        EXPECT_EQ(found.taken_from, TimeSource::modification);
    }
    EXPECT_EQ(dated(written(now), started(now + 9min), now).unusable, "") << "a clock may differ";
}

TEST(Taken, NotAfterTheLastWrite) {
    const auto found = dated(written(now - 48h), started(now - 1h), now);
    EXPECT_THAT(found.unusable, HasSubstr("last written " + system::format_rfc3339(now - 48h)));
    EXPECT_EQ(found.taken, now - 48h);
    EXPECT_EQ(dated(written(now - 1h), started(now - 51min), now).unusable, "")
        << "the volume's clock may differ";
}

TEST(Taken, AnUnbelievableTimeOfModificationMattersOnlyWithoutABetterOne) {
    const auto future = written(now + 48h);
    EXPECT_THAT(dated(future, {}, now).unusable, HasSubstr("in the future"));
    EXPECT_THAT(dated(future, started(now - 2h, "CET"), now).unusable, HasSubstr("in the future"))
        << "which CET, nobody knows";
    const auto found = dated(future, started(now - 2h), now);
    EXPECT_EQ(found.unusable, "");
    EXPECT_EQ(found.taken, now - 2h);
    EXPECT_EQ(dated(written(now + 9min), {}, now).unusable, "") << "a clock may differ";
}

TEST(Taken, WhatIsUnusableStaysSo) {
    auto empty = written(now - 1h);
    empty.unusable = "it is empty";
    EXPECT_EQ(dated(empty, started(now + 48h), now).unusable, "it is empty");
}

TEST(Age, IsNeverBelowZero) {
    EXPECT_EQ(system::age_of(now - 2h, now), 2h);
    EXPECT_EQ(system::age_of(now + 2h, now), 0s);
}

} // namespace
} // namespace drctl::backup
