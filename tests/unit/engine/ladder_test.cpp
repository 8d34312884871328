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

TEST_F(Ladder, NothingWasChangedIsNotSaidOnceDataWasReplaced) {
    ToyProcedure toy(world, {"a"});
    toy.losing = {"a"};
    toy.loss = engine::ExpectedLoss{"an hour", {std::nullopt, std::chrono::hours(1)}, {}, {}};
    request.consent.accepted = std::chrono::hours(2);
    world.at = [&toy](const std::string& place) {
        toy.blocked = toy.blocked || place == "after-apply:a";
    };
    const auto report = climb(toy);
    EXPECT_EQ(report.outcome, Outcome::failed);
    EXPECT_EQ(report.exit_code, ExitCode::failed);
    EXPECT_EQ(report.summary, "something is in the way");
    EXPECT_TRUE(report.data_loss) << "it is lost";
}

TEST_F(Ladder, TellsWhichStepWasInTheWay) {
    ToyProcedure toy(world, {"a", "b", "c"});
    world.obstructed = "b";
    const auto report = climb(toy);
    EXPECT_EQ(report.outcome, Outcome::failed_undone);
    ASSERT_EQ(report.steps.size(), 3U);
    EXPECT_EQ(report.steps[1].status, StepStatus::blocked);
    EXPECT_EQ(report.steps[1].evidence, "b is rusty");
    EXPECT_EQ(report.steps[2].status, StepStatus::skipped);
    EXPECT_THAT(world.history, ElementsAre("+a", "-a"));
    world.obstructed.clear();
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
}

TEST_F(Ladder, WarningsOfStepsAreInTheReport) {
    ToyProcedure toy(world, {"a", "b"});
    world.at = [](const std::string& place) {
        if (place == "before-apply:b" || place == "before-undo:a") {
            throw Error(ErrorCode::failed, "the box is locked");
        }
    };
    EXPECT_THAT(climb(toy).warnings, ElementsAre(HasSubstr("cannot undo 'a'")));
}

TEST_F(Ladder, TellsEveryMissingPrivilegeAtOnceAndWhatToType) {
    ToyProcedure toy(world, {"a", "b"});
    world.forbidden = true;
    request.by.argv = {"drctl", "toy", "--reason", "no power"};
    const auto report = climb(toy);
    EXPECT_EQ(report.exit_code, ExitCode::refused);
    EXPECT_THAT(report.error, HasSubstr("as 'tester', who may not touch a, nor open the box, nor "
                                        "touch b"));
    EXPECT_EQ(report.hint, "type: sudo drctl toy --reason 'no power'");
    EXPECT_THAT(world.history, IsEmpty());
    EXPECT_THAT(store().ids(), IsEmpty());
    request.plan_only = true;
    EXPECT_EQ(climb(toy).outcome, Outcome::planned) << "whoever may look may see the plan";
}

TEST_F(Ladder, APlanIsAnotherOneIfItsStepsDoSomethingElse) {
    ToyProcedure one(world, {"a"});
    ToyProcedure other(world, {"a"});
    other.adverb = "slowly";
    request.plan_only = true;
    EXPECT_NE(climb(one).plan_id, climb(other).plan_id);
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

TEST_F(Ladder, AStopBetweenTwoRungsIsOneToo) {
    ToyProcedure toy(world, {"a"});
    toy.first_rung = {"server"};
    world.at = [this, begun = false](const std::string& place) mutable {
        begun = begun || place == "after-apply:server";
        if (begun && place == "assess") {
            stop->request(SIGINT);
        }
    };
    EXPECT_EQ(climb(toy).outcome, Outcome::interrupted);
    release();
    EXPECT_THAT(climb(toy).hint, HasSubstr("--resume"));
    request.resume = true;
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
    EXPECT_THAT(world.history, ElementsAre("+server", "+a"));
}

TEST_F(Ladder, ASecondStopStillCountsAsOne) {
    ToyProcedure toy(world, {"a", "b"});
    press_at("before-apply:b", SIGINT);
    const auto press = world.at;
    world.at = [press](const std::string& place) {
        press(place);
        if (place == "before-undo:a") {
            throw Killed{}; // what a second Ctrl-C does
        }
    };
    EXPECT_THROW(climb(toy), Killed);
    release();
    EXPECT_THAT(climb(toy).hint, HasSubstr("--resume"));
    request.resume = true;
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
}

TEST_F(Ladder, AStopBehindTheReplacementTellsWhatIsLost) {
    ToyProcedure toy(world, {"a", "b"});
    toy.no_return = {"a"};
    toy.losing = {"a"};
    toy.loss = engine::ExpectedLoss{"an hour", {std::nullopt, std::chrono::hours(1)}, {}, {}};
    request.consent.accepted = std::chrono::hours(2);
    press_at("before-apply:b", SIGINT);
    const auto report = climb(toy);
    EXPECT_EQ(report.outcome, Outcome::interrupted);
    EXPECT_TRUE(report.data_loss);
    ASSERT_EQ(report.kept.size(), 1U);
    EXPECT_EQ(report.kept[0].remove_with, "") << "undoing it would not delete what is kept";
}

TEST_F(Ladder, TellsTheSystemsLogHowEachProcessEnds) {
    ToyProcedure toy(world, {"a", "b"});
    press_at("before-apply:b", SIGINT);
    const auto run = climb(toy).run;
    release();
    request.resume = true;
    climb(toy);
    EXPECT_THAT(events, ElementsAre("run " + run + " of toy box begins",
                                    "run " + run + " of toy box was stopped by hand",
                                    "run " + run + " of toy box continues",
                                    "run " + run + " of toy box ended: recovered"));
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
