// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/outage.hpp"

#include "procedures/db_recover/facts.hpp"

#include <gtest/gtest.h>

namespace drctl::procedures {
namespace {

using namespace std::chrono_literals;
using State = engine::StepRecord::State;

engine::StepRecord step(const std::string& id, State state, std::chrono::milliseconds took) {
    engine::StepRecord record;
    record.info.id = id;
    record.state = state;
    record.duration = took;
    return record;
}

engine::RunRecord rehearsal(State restored = State::done) {
    engine::RunRecord run;
    run.header.run = "20261123T031502Z-7f3a";
    run.facts.set(fact::backup_bytes, "1000");
    run.rungs.push_back({});
    run.rungs.back().steps = {step("restore-copy", restored, 10s),
                              step("verify-copy", State::done, 2s)};
    return run;
}

TEST(RestorePace, IsThatOfACopyThatWasMadeAndVerified) {
    const auto pace = pace_of(rehearsal());
    ASSERT_TRUE(pace);
    EXPECT_EQ(pace->run, "20261123T031502Z-7f3a");
    EXPECT_EQ(pace->dump_bytes, 1000U);
    EXPECT_EQ(pace->restoring, 10s);
    EXPECT_EQ(pace->verifying, 2s);
}

TEST(RestorePace, IsNotKnownOfARunThatWasNotOver) {
    EXPECT_FALSE(pace_of(rehearsal(State::intended)));
    EXPECT_FALSE(pace_of(rehearsal(State::satisfied))) << "somebody else had made that copy";
    auto unverified = rehearsal();
    unverified.rungs.back().steps.pop_back();
    EXPECT_FALSE(pace_of(unverified));
    EXPECT_FALSE(pace_of({}));
}

TEST(RestorePace, NeedsTheSizeOfTheDump) {
    for (const auto* size : {"", "0", "12x", "-1"}) {
        auto run = rehearsal();
        run.facts.set(fact::backup_bytes, size);
        EXPECT_FALSE(pace_of(run)) << size;
    }
}

TEST(ExpectedOutage, GrowsWithTheDump) {
    const auto earlier = pace_of(rehearsal());
    EXPECT_EQ(expected_outage(Downtime::with_restore, 1000, earlier), 5s + 10s + 2 * 2s);
    EXPECT_EQ(expected_outage(Downtime::with_restore, 3000, earlier), 5s + 30s + 2 * 2s);
    EXPECT_EQ(expected_outage(Downtime::with_restore, 1001, earlier), 20s) << "rounded up";
}

TEST(ExpectedOutage, OfASwapIsThatOfItsVerification) {
    EXPECT_EQ(expected_outage(Downtime::swap_only, 1'000'000, pace_of(rehearsal())), 5s + 2s);
    EXPECT_EQ(expected_outage(Downtime::swap_only, 1'000'000, std::nullopt), std::nullopt);
}

TEST(ExpectedOutage, IsReckonedFromTheSizeWhereNothingElseIsKnown) {
    const auto outage =
        expected_outage(Downtime::with_restore, std::uint64_t{1} << 30, std::nullopt);
    ASSERT_TRUE(outage);
    EXPECT_GT(*outage, 30s);
    EXPECT_LT(*outage, 60s);
}

} // namespace
} // namespace drctl::procedures
