// SPDX-License-Identifier: Apache-2.0
#include "engine/loss.hpp"
#include "support/engine_fixture.hpp"
#include "system/units.hpp"

#include <csignal>
#include <gmock/gmock.h>

namespace drctl::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

/// Switching on "swap" loses what was written in the last hour, and all that is written until then.
class Loss : public EngineTest {
  protected:
    Loss() {
        toy.losing = {"swap"};
        toy.kept_ones = {"copy"};
        toy.loss = engine::ExpectedLoss{"an hour", {clock.wall() - 1h, 1h}, {}, {}};
        request.consent.accepted = 2h;
    }
    /// The copy takes that long.
    void take_time(std::chrono::minutes time) {
        world.at = [this, time](const std::string& place) {
            if (place == "before-apply:copy") {
                clock.advance(time);
            }
        };
    }
    static void type_the_name(engine::RunRequest& request) {
        request.consent.accepted.reset();
        request.consent.at_terminal = true;
    }

    ToyProcedure toy{world, {"copy", "swap"}};
};

TEST_F(Loss, ThatGrowsBeyondTheConsentStopsBeforeItHappens) {
    take_time(90min);
    const auto report = climb(toy);
    EXPECT_EQ(report.exit_code, ExitCode::refused);
    EXPECT_THAT(report.error, HasSubstr("2h 30m would be lost by now, and 2h were agreed to"));
    EXPECT_THAT(report.hint, HasSubstr("add --accept-data-loss 3h"));
    EXPECT_THAT(report.hint, HasSubstr("continue run " + report.run));
    EXPECT_THAT(world.history, ElementsAre("+copy")) << "what took so long is not thrown away";
    world.at = [](const std::string&) {};
    EXPECT_THAT(climb(toy).error, HasSubstr("2h 30m would be lost")) << "asked before anything";
    request.consent.accepted = 3h;
    const auto done = climb(toy);
    EXPECT_EQ(done.outcome, Outcome::recovered);
    EXPECT_EQ(done.run, report.run);
    EXPECT_THAT(done.accepted, ElementsAre("data-loss 2h", "data-loss 3h"));
    EXPECT_THAT(world.history, ElementsAre("+copy", "+swap"));
}

TEST_F(Loss, WithinTheConsentIsNotAskedAboutAgain) {
    take_time(60min);
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
}

TEST_F(Loss, DoesNotGrowWhileNobodyWrites) {
    kill_at(toy, "after-apply:copy");
    engine::RunStore runs(state.path(), clock);
    runs.open(store().ids().back())
        .record_fact(engine::fact::quiet_since, system::format_rfc3339(clock.wall()));
    clock.advance(24h);
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
}

TEST_F(Loss, OfARunThatGoesOnDaysLaterNeedsAnotherConsent) {
    kill_at(toy, "after-apply:copy");
    clock.advance(48h);
    EXPECT_THAT(climb(toy).hint, HasSubstr("--accept-data-loss 50h"));
    EXPECT_THAT(world.history, ElementsAre("+copy"));
    type_the_name(request);
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
    EXPECT_THAT(prompter.questions, ElementsAre("box"));
}

TEST_F(Loss, TypedAtATerminalIsAgreedToUntilItIsOver) {
    type_the_name(request);
    take_time(5h);
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
    EXPECT_THAT(prompter.questions, ElementsAre("box"));
}

TEST_F(Loss, TypedAtATerminalIsAskedAboutAgainOnceAnotherProcessGoesOn) {
    type_the_name(request);
    kill_at(toy, "after-apply:copy");
    clock.advance(10min);
    kill_at(toy, "check:swap");
    EXPECT_THAT(prompter.questions, ElementsAre("box")) << "it is about as much as was seen";
    clock.advance(24h);
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
    EXPECT_THAT(prompter.questions, ElementsAre("box", "box"));
}

TEST_F(Loss, DoesNotStandInTheWayOfAnUndo) {
    kill_after_failure(toy, "before-apply:swap", "before-undo:copy");
    clock.advance(48h);
    EXPECT_EQ(climb(toy).outcome, Outcome::failed_undone);
}

} // namespace
} // namespace drctl::test
