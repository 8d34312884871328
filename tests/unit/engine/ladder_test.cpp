// SPDX-License-Identifier: Apache-2.0
#include "engine/ladder.hpp"

#include "engine/hold.hpp"
#include "support/engine_fixture.hpp"

#include <csignal>
#include <gmock/gmock.h>
#include <optional>
#include <sys/resource.h>

namespace drctl::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Ladder : public EngineTest {};

TEST_F(Ladder, LeavesAHealthyTargetAloneAndJournalsNothing) {
    world.switches["a"] = true;
    ToyProcedure toy(world, {"a"});
    const auto report = climb(toy);
    EXPECT_EQ(report.outcome, Outcome::healthy);
    EXPECT_EQ(report.exit_code, ExitCode::good);
    EXPECT_THAT(world.history, IsEmpty());
    EXPECT_THAT(store().ids(), IsEmpty());
}

TEST_F(Ladder, DoesOnlyWhatIsNeededAndLooksAgain) {
    world.switches["b"] = true;
    ToyProcedure toy(world, {"a", "b", "c"});
    const auto report = climb(toy);
    EXPECT_EQ(report.outcome, Outcome::recovered);
    EXPECT_THAT(world.history, ElementsAre("+a", "+c"));
    ASSERT_EQ(report.steps.size(), 3U);
    EXPECT_EQ(report.steps[0].status, StepStatus::done);
    EXPECT_EQ(report.steps[1].status, StepStatus::satisfied);
    EXPECT_EQ(report.undo_with, "drctl runs undo " + report.run);
}

TEST_F(Ladder, PlanChangesNothing) {
    ToyProcedure toy(world, {"a"});
    request.plan_only = true;
    const auto report = climb(toy);
    EXPECT_EQ(report.outcome, Outcome::planned);
    EXPECT_THAT(world.history, IsEmpty());
    EXPECT_THAT(store().ids(), IsEmpty());
    EXPECT_FALSE(report.plan_id.empty());
}

TEST_F(Ladder, CarriesOutTheExpectedPlanAndRefusesAnother) {
    ToyProcedure toy(world, {"a"});
    request.plan_only = true;
    const auto id = climb(toy).plan_id;
    request.plan_only = false;
    request.expect_plan = "0123456789abcdef";
    EXPECT_EQ(climb(toy).exit_code, ExitCode::refused);
    EXPECT_THAT(world.history, IsEmpty());
    request.expect_plan = id;
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
}

TEST_F(Ladder, AsksBeforeItActsAndTakesNoForAnAnswer) {
    ToyProcedure toy(world, {"a"});
    request.yes = false;
    request.consent.at_terminal = true;
    prompter.answer = false;
    EXPECT_EQ(climb(toy).exit_code, ExitCode::refused);
    EXPECT_THAT(world.history, IsEmpty());
    EXPECT_EQ(prompter.questions.size(), 1U);
}

TEST_F(Ladder, WithoutTerminalAndYesItIsAUsageError) {
    ToyProcedure toy(world, {"a"});
    request.yes = false;
    const auto report = climb(toy);
    EXPECT_EQ(report.exit_code, ExitCode::usage);
    EXPECT_THAT(report.hint, HasSubstr("--yes"));
    EXPECT_THAT(store().ids(), IsEmpty());
}

TEST_F(Ladder, YesNeverConsentsToLosingData) {
    ToyProcedure toy(world, {"a"});
    toy.loss = engine::ExpectedLoss{"an hour", {std::nullopt, std::chrono::hours(1)}, {}, {}};
    const auto refused = climb(toy);
    EXPECT_EQ(refused.exit_code, ExitCode::refused);
    EXPECT_THAT(refused.hint, HasSubstr("--accept-data-loss 2h"));
    request.consent.accepted = std::chrono::hours(2);
    const auto report = climb(toy);
    EXPECT_EQ(report.outcome, Outcome::recovered);
    EXPECT_THAT(report.accepted, ElementsAre("data-loss 2h"));
    EXPECT_TRUE(report.data_loss);
}

TEST_F(Ladder, UndoesInReverseWhenAStepFails) {
    ToyProcedure toy(world, {"a", "b", "c"});
    toy.loss = engine::ExpectedLoss{"an hour", {std::nullopt, std::chrono::hours(1)}, {}, {}};
    request.consent.accepted = std::chrono::hours(2);
    world.at = [](const std::string& place) {
        if (place == "before-apply:c") {
            throw Error(ErrorCode::failed, "c is stuck", "oil it");
        }
    };
    const auto report = climb(toy);
    EXPECT_EQ(report.outcome, Outcome::failed_undone);
    EXPECT_EQ(report.error, "c is stuck");
    EXPECT_EQ(report.hint, "oil it");
    EXPECT_THAT(world.history, ElementsAre("+a", "+b", "-c", "-b", "-a"));
    EXPECT_TRUE(report.undo_with.empty());
    EXPECT_FALSE(report.data_loss) << "nothing is lost of what was put back";
}

TEST_F(Ladder, NeverGoesBackBehindAPointOfNoReturn) {
    ToyProcedure toy(world, {"a", "b", "c"});
    toy.no_return = {"b"};
    world.at = [](const std::string& place) {
        if (place == "before-apply:c") {
            throw Error(ErrorCode::failed, "c is stuck");
        }
    };
    const auto report = climb(toy);
    EXPECT_EQ(report.outcome, Outcome::failed);
    EXPECT_TRUE(world.switches["a"]);
    EXPECT_TRUE(world.switches["b"]);
    EXPECT_EQ(report.undo_with, "drctl runs undo " + report.run);
}

TEST_F(Ladder, AStepThatChangesNothingIsNeverASuccess) {
    ToyProcedure toy(world, {"a", "b"});
    world.at = [this](const std::string& place) {
        if (place == "after-apply:b") {
            world.switches["b"] = false;
        }
    };
    const auto report = climb(toy);
    EXPECT_EQ(report.outcome, Outcome::failed_undone);
    EXPECT_THAT(report.error, HasSubstr("cannot confirm"));
    EXPECT_FALSE(world.switches["a"]);
}

TEST_F(Ladder, StopsWhenTheRungSucceededAndIsStillNeeded) {
    world.healthy_when_all_on = false;
    ToyProcedure toy(world, {"a"});
    EXPECT_EQ(climb(toy).outcome, Outcome::failed);
}

TEST_F(Ladder, AFailureThatIsEvidenceLeadsToAnotherLook) {
    ToyProcedure toy(world, {"a"});
    toy.evidence = true;
    world.at = [](const std::string& place) {
        if (place == "before-apply:a") {
            throw Error(ErrorCode::failed, "a does not start");
        }
    };
    const auto report = climb(toy);
    EXPECT_EQ(report.exit_code, ExitCode::refused);
    EXPECT_EQ(report.summary, "something is in the way");
}

TEST_F(Ladder, RefusesAHeldTarget) {
    engine::Holds(state.path() / "holds", clock)
        .set({"box", "ada", "migration", clock.wall() + std::chrono::hours(4)});
    ToyProcedure toy(world, {"a"});
    const auto report = climb(toy);
    EXPECT_EQ(report.exit_code, ExitCode::refused);
    EXPECT_THAT(report.error, HasSubstr("ada holds it until 2026-11-23T07:15:02Z: migration"));
    clock.advance(std::chrono::hours(5));
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
}

TEST_F(Ladder, AFirstStopPutsThingsBackAndCanBeContinued) {
    ToyProcedure toy(world, {"a", "b"});
    press_at("before-apply:b", SIGINT);
    const auto report = climb(toy);
    EXPECT_EQ(report.outcome, Outcome::interrupted);
    EXPECT_EQ(report.exit_code, ExitCode::interrupted);
    EXPECT_FALSE(world.switches["a"]);
    EXPECT_TRUE(store().read(report.run).unfinished());
}

TEST_F(Ladder, TerminationIsTold143) {
    ToyProcedure toy(world, {"a"});
    press_at("before-apply:a", SIGTERM);
    EXPECT_EQ(climb(toy).exit_code, ExitCode::terminated);
}

TEST_F(Ladder, ATimeoutIsAFailureAndIsUndone) {
    ToyProcedure toy(world, {"a", "b"});
    press_at("before-apply:b", SIGALRM);
    const auto report = climb(toy);
    EXPECT_EQ(report.outcome, Outcome::failed_undone);
    EXPECT_THAT(report.error, HasSubstr("--timeout"));
    EXPECT_FALSE(world.switches["a"]);
}

/// While it lives, no file can grow: writing fails as on a full disk.
class NoFileCanGrow {
  public:
    NoFileCanGrow() {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit none{0, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &none);
    }
    ~NoFileCanGrow() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        ::signal(SIGXFSZ, SIG_DFL);
    }

  private:
    rlimit before_{};
};

TEST_F(Ladder, UndoesEvenWhereTheJournalCanNoLongerBeWritten) {
    ToyProcedure toy(world, {"a", "b"});
    std::optional<NoFileCanGrow> full;
    world.at = [&](const std::string& place) {
        if (place == "after-apply:b") {
            full.emplace();
        }
    };
    const auto report = climb(toy);
    full.reset();
    EXPECT_EQ(report.outcome, Outcome::failed_undone);
    EXPECT_FALSE(world.switches["a"] || world.switches["b"]);
    EXPECT_THAT(observer.warnings, testing::Contains(HasSubstr("could not be written")));
    // The journal knows of the intents only; the same command finds out what is true.
    world.at = [](const std::string&) {};
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
}

} // namespace
} // namespace drctl::test
