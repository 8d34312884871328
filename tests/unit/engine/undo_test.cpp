// SPDX-License-Identifier: Apache-2.0
#include "engine/undo.hpp"

#include "support/engine_fixture.hpp"

#include <csignal>
#include <gmock/gmock.h>

namespace drctl::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Undo : public EngineTest {};

TEST_F(Undo, TakesASuccessfulRunBackPointsOfNoReturnIncluded) {
    ToyProcedure toy(world, {"a", "b", "c"});
    toy.no_return = {"b"};
    const auto run = climb(toy).run;
    const auto report = undo(toy, run);
    EXPECT_EQ(report.outcome, Outcome::undone);
    EXPECT_EQ(report.exit_code, ExitCode::good);
    EXPECT_THAT(world.history, ElementsAre("+a", "+b", "+c", "-c", "-b", "-a"));
}

TEST_F(Undo, IsRefusedTheSecondTime) {
    ToyProcedure toy(world, {"a"});
    const auto run = climb(toy).run;
    EXPECT_EQ(undo(toy, run).outcome, Outcome::undone);
    const auto again = undo(toy, run);
    EXPECT_EQ(again.exit_code, ExitCode::refused);
    EXPECT_THAT(again.error, HasSubstr("taken back already"));
}

TEST_F(Undo, GoesOnAfterAKill) {
    ToyProcedure toy(world, {"a", "b"});
    const auto run = climb(toy).run;
    kill_undo_at(toy, run, "before-undo:a");
    const auto refused = climb(toy);
    EXPECT_EQ(refused.exit_code, ExitCode::refused) << "what a person takes back stays taken back";
    EXPECT_THAT(refused.hint, HasSubstr("drctl runs undo " + run));
    EXPECT_EQ(undo(toy, run).outcome, Outcome::undone);
    EXPECT_FALSE(world.switches["a"] || world.switches["b"]);
}

TEST_F(Undo, KeepsTheNewStateAlsoWhenItGoesOnAfterAKill) {
    ToyProcedure toy(world, {"a", "b"});
    toy.no_return = {"b"};
    const auto run = climb(toy).run;
    kill_undo_at(toy, run, "before-undo:a");
    EXPECT_EQ(undo(toy, run).outcome, Outcome::undone);
    EXPECT_THAT(world.undo_reasons, testing::Each(engine::UndoReason::requested));
}

TEST_F(Undo, RefusesARunThatALaterOneStandsOn) {
    ToyProcedure toy(world, {"a"});
    const auto first = climb(toy).run;
    clock.advance(std::chrono::minutes(1));
    world.switches["a"] = false;
    const auto second = climb(toy).run;
    EXPECT_THAT(undo(toy, first).error, HasSubstr(second));
    EXPECT_EQ(undo(toy, second).outcome, Outcome::undone);
    EXPECT_EQ(undo(toy, first).outcome, Outcome::undone);
}

TEST_F(Undo, OfADeadRunLeavesNoTrace) {
    ToyProcedure toy(world, {"a", "b"});
    kill_at(toy, "before-apply:b");
    EXPECT_EQ(undo(toy, store().ids().back()).outcome, Outcome::undone);
    EXPECT_FALSE(world.switches["a"]);
}

TEST_F(Undo, OfAStoppedRunRemovesWhatItHadKept) {
    ToyProcedure toy(world, {"copy", "service"});
    toy.kept_ones = {"copy"};
    press_at("before-apply:service", SIGINT);
    const auto stopped = climb(toy);
    EXPECT_EQ(stopped.outcome, Outcome::interrupted);
    EXPECT_TRUE(world.switches["copy"]) << "it is to be continued with";
    EXPECT_EQ(stopped.undo_with, "drctl runs undo " + stopped.run);
    world.at = [](const std::string&) {};
    EXPECT_EQ(undo(toy, stopped.run).outcome, Outcome::undone);
    EXPECT_FALSE(world.switches["copy"]);
}

TEST_F(Undo, EndsARunThatDiedBeforeItDidAnything) {
    ToyProcedure toy(world, {"a"});
    kill_at(toy, "check:a");
    const auto run = store().ids().back();
    toy.changed = {"the box is another one"};
    EXPECT_EQ(climb(toy).exit_code, ExitCode::refused);
    EXPECT_EQ(undo(toy, run).outcome, Outcome::undone) << "or it would be in the way for ever";
    EXPECT_NE(climb(toy).run, run);
}

TEST_F(Undo, SaysItsLastWordAfterAKill) {
    ToyProcedure toy(world, {"a"});
    const auto run = climb(toy).run;
    kill_undo_at(toy, run, "kept");
    EXPECT_EQ(undo(toy, run).outcome, Outcome::undone);
    EXPECT_FALSE(store().read(run).unfinished());
}

TEST_F(Undo, AFailureSaysSoAndCanBeRepeated) {
    ToyProcedure toy(world, {"a"});
    const auto run = climb(toy).run;
    world.at = [](const std::string& place) {
        if (place == "before-undo:a") {
            throw Error(ErrorCode::unreachable, "the box is locked", "find the key");
        }
    };
    const auto report = undo(toy, run);
    EXPECT_EQ(report.outcome, Outcome::failed);
    EXPECT_EQ(report.hint, "find the key");
    world.at = [](const std::string&) {};
    EXPECT_EQ(undo(toy, run).outcome, Outcome::undone);
}

TEST_F(Undo, IsRefusedBeforeAnythingIsStoppedWhereItCannotWork) {
    ToyProcedure toy(world, {"a", "b", "c"});
    toy.no_return = {"c"};
    const auto run = climb(toy).run;
    world.stuck = "b";
    const auto report = undo(toy, run);
    EXPECT_EQ(report.exit_code, ExitCode::refused);
    EXPECT_THAT(report.error, HasSubstr("b is stuck"));
    EXPECT_EQ(report.hint, "oil b");
    EXPECT_THAT(world.history, ElementsAre("+a", "+b", "+c"));
    EXPECT_TRUE(climb(toy).exit_code == ExitCode::good) << "nothing waits for that undo";
}

TEST_F(Undo, ThatNeverBeganLeavesAnUnfinishedRunUnfinished) {
    ToyProcedure toy(world, {"a", "b"});
    kill_at(toy, "after-apply:a");
    world.at = [this, asked = false](const std::string& place) mutable {
        if (place == "check-undo:a") {
            world.stuck = asked ? "a" : "";
            asked = true; // the person took their time to say yes
        }
    };
    const auto run = store().ids().back();
    EXPECT_EQ(undo(toy, run).outcome, Outcome::failed);
    EXPECT_TRUE(store().unfinished("toy", "box")) << "nothing was taken back";
    world.stuck.clear();
    world.at = [](const std::string&) {};
    const auto report = climb(toy);
    EXPECT_EQ(report.outcome, Outcome::recovered);
    EXPECT_EQ(report.run, run);
}

TEST_F(Undo, ThatIsStoppedSaysSo) {
    ToyProcedure toy(world, {"a", "b"});
    const auto run = climb(toy).run;
    struct Row {
        int signal;
        ExitCode code;
    };
    for (const auto& row : {Row{SIGINT, ExitCode::interrupted}, Row{SIGTERM, ExitCode::terminated},
                            Row{SIGALRM, ExitCode::failed_undone}}) {
        press_at("check-undo:b", row.signal);
        world.at = [press = world.at, this](const std::string& place) {
            press(place);
            stop->token().throw_if_requested();
        };
        EXPECT_EQ(undo(toy, run).exit_code, row.code) << row.signal;
        release();
        EXPECT_THAT(world.history, ElementsAre("+a", "+b"));
    }
    EXPECT_EQ(undo(toy, run).outcome, Outcome::undone);
}

TEST_F(Undo, KeepsItsOwnReason) {
    ToyProcedure toy(world, {"a"});
    request.reason = "the disk died";
    const auto run = climb(toy).run;
    request.reason = "it was the wrong backup";
    request.incident = "INC-7";
    const auto report = undo(toy, run);
    EXPECT_EQ(report.reason, "it was the wrong backup");
    EXPECT_EQ(report.incident, "INC-7");
    EXPECT_THAT(system::read_file(store().directory_of(run) / "journal.jsonl"), HasSubstr("INC-7"));
}

TEST_F(Undo, ThatGetsStuckBringsBackWhatItHadStoppedAndStandsInNobodysWay) {
    ToyProcedure toy(world, {"a", "b", "c"});
    toy.no_return = {"c"};
    const auto run = climb(toy).run;
    world.at = [](const std::string& place) {
        if (place == "before-undo:b") {
            throw Error(ErrorCode::failed, "b is stuck", "oil b");
        }
    };
    const auto report = undo(toy, run);
    EXPECT_EQ(report.outcome, Outcome::failed);
    EXPECT_THAT(world.history, ElementsAre("+a", "+b", "+c", "-c", "=b", "=c"));
    EXPECT_TRUE(world.switches["a"] && world.switches["b"] && world.switches["c"]);
    EXPECT_FALSE(store().unfinished("toy", "box"));
    EXPECT_EQ(store().read(run).report->outcome, Outcome::recovered) << "it did recover, then";
    EXPECT_EQ(climb(toy).outcome, Outcome::healthy);
    world.at = [](const std::string&) {};
    world.history.clear();
    EXPECT_EQ(undo(toy, run).outcome, Outcome::undone);
    EXPECT_THAT(world.history, ElementsAre("-c", "-b", "-a"));
}

TEST_F(Undo, ThatDiedAndCannotGoOnBringsBackWhatItHadStopped) {
    ToyProcedure toy(world, {"a", "b", "c"});
    toy.no_return = {"c"};
    const auto run = climb(toy).run;
    kill_undo_at(toy, run, "before-undo:b");
    world.stuck = "b";
    EXPECT_EQ(undo(toy, run).outcome, Outcome::failed);
    EXPECT_TRUE(world.switches["c"]);
    EXPECT_FALSE(store().unfinished("toy", "box"));
    EXPECT_EQ(prune(toy, run).exit_code, ExitCode::good);
}

TEST_F(Undo, OfARunThatCameToNothingTakesTheOthersBackAlsoWhereOneIsStuck) {
    ToyProcedure toy(world, {"a", "b", "c"});
    kill_at(toy, "before-apply:c");
    world.at = [](const std::string& place) {
        if (place == "before-undo:b") {
            throw Error(ErrorCode::failed, "b is stuck");
        }
    };
    const auto run = store().ids().back();
    const auto report = undo(toy, run);
    EXPECT_EQ(report.outcome, Outcome::failed);
    EXPECT_THAT(world.history, ElementsAre("+a", "+b", "-c", "-a"));
    EXPECT_EQ(store().read(run).report->outcome, Outcome::failed) << "the run has ended that way";
    EXPECT_TRUE(store().read(run).undoable()) << "b is still there";
}

TEST_F(Undo, DropsWhatWasLeftHalfMadeAlsoAfterAnEarlierRungServed) {
    ToyProcedure toy(world, {"a", "b"});
    toy.first_rung = {"server"};
    toy.no_return = {"server"};
    toy.kept_ones = {"a"};
    kill_at(toy, "after-apply:a");
    const auto report = undo(toy, store().ids().back());
    EXPECT_EQ(report.outcome, Outcome::undone);
    EXPECT_THAT(world.history, ElementsAre("+server", "+a", "-a", "-server"));
    for (const auto& step : report.steps) {
        EXPECT_NE(step.status, StepStatus::unknown) << step.id;
    }
}

TEST_F(Undo, KeepsWhatARungThatSucceededHadMade) {
    ToyProcedure toy(world, {"a", "b"});
    toy.kept_ones = {"a"};
    const auto run = climb(toy).run;
    EXPECT_EQ(undo(toy, run).outcome, Outcome::undone);
    EXPECT_THAT(world.history, ElementsAre("+a", "+b", "-b"));
}

TEST_F(Undo, IsOfferedForWhatAFailedRunCouldNotCleanUp) {
    ToyProcedure toy(world, {"a", "b"});
    toy.kept_ones = {"a"};
    world.at = [](const std::string& place) {
        if (place == "before-apply:b" || place == "before-undo:a") {
            throw Error(ErrorCode::unreachable, "the box is gone");
        }
    };
    const auto failed = climb(toy);
    EXPECT_EQ(failed.outcome, Outcome::failed);
    EXPECT_EQ(failed.undo_with, "drctl runs undo " + failed.run);
    world.at = [](const std::string&) {};
    EXPECT_EQ(undo(toy, failed.run).outcome, Outcome::undone);
    EXPECT_FALSE(world.switches["a"]);
}

TEST_F(Undo, IsNoLongerPossibleOncePruned) {
    ToyProcedure toy(world, {"a"});
    const auto run = climb(toy).run;
    EXPECT_EQ(prune(toy, run).exit_code, ExitCode::good);
    EXPECT_EQ(world.history.back(), "pruned");
    EXPECT_THAT(undo(toy, run).error, HasSubstr("pruned"));
    EXPECT_EQ(prune(toy, run).exit_code, ExitCode::good) << "pruning twice is no error";
    EXPECT_THAT(world.history, ElementsAre("+a", "pruned"));
}

TEST_F(Undo, PruneRefusesAnUnfinishedRun) {
    ToyProcedure toy(world, {"a"});
    kill_at(toy, "after-apply:a");
    EXPECT_EQ(prune(toy, store().ids().back()).exit_code, ExitCode::refused);
}

} // namespace
} // namespace drctl::test
