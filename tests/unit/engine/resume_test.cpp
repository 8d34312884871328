// SPDX-License-Identifier: Apache-2.0
#include "support/engine_fixture.hpp"

#include <csignal>
#include <gmock/gmock.h>

namespace drctl::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class Resume : public EngineTest {
  protected:
    static void spoil_second_line(const std::filesystem::path& run) {
        auto text = system::read_file(run / "journal.jsonl");
        text.insert(text.find('\n') + 1, "garbage\n");
        system::write_file_atomically(run / "journal.jsonl", text);
    }
};

TEST_F(Resume, ContinuesAfterAKillAnywhereAndConverges) {
    for (const auto* name : {"a", "b", "c"}) {
        for (const auto* moment : {"check:", "before-apply:", "after-apply:"}) {
            world = {};
            ToyProcedure toy(world, {"a", "b", "c"});
            kill_at(toy, std::string(moment) + name);
            const bool begun = !store().ids().empty();
            const auto before = begun ? store().ids().back() : "";
            const auto report = climb(toy);
            EXPECT_EQ(report.outcome, Outcome::recovered) << moment << name;
            EXPECT_TRUE(world.switches["a"] && world.switches["b"] && world.switches["c"]);
            EXPECT_EQ(report.run, before) << "the same run goes on";
            EXPECT_THAT(world.history, ElementsAre("+a", "+b", "+c")) << "nothing is done twice";
        }
    }
}

TEST_F(Resume, GoesOnUndoingAfterAKillInTheUndo) {
    for (const auto* where : {"before-undo:b", "after-undo:b", "before-undo:a", "after-undo:a"}) {
        world = {};
        ToyProcedure toy(world, {"a", "b", "c"});
        kill_after_failure(toy, "before-apply:c", where);
        const auto report = climb(toy);
        EXPECT_EQ(report.outcome, Outcome::failed_undone) << where;
        EXPECT_EQ(report.error, "before-apply:c is stuck");
        EXPECT_FALSE(world.switches["a"] || world.switches["b"] || world.switches["c"]) << where;
        EXPECT_EQ(climb(toy).outcome, Outcome::recovered) << "and then a new run may try";
    }
}

TEST_F(Resume, NoticesThatADeadProcessHadDoneTheStep) {
    ToyProcedure toy(world, {"a", "b"});
    kill_at(toy, "after-apply:b");
    const auto report = climb(toy);
    EXPECT_THAT(world.history, ElementsAre("+a", "+b"));
    EXPECT_EQ(report.steps.back().status, StepStatus::done);
}

TEST_F(Resume, RefusesAnotherConfigurationAndListsWhatDiffers) {
    ToyProcedure toy(world, {"a", "b"});
    kill_at(toy, "before-apply:b");
    toy.settings["toy.size"] = "4";
    const auto report = climb(toy);
    EXPECT_EQ(report.exit_code, ExitCode::refused);
    EXPECT_THAT(report.error, HasSubstr("the settings differ"));
    EXPECT_THAT(report.hint, HasSubstr("drctl runs undo " + store().ids().back()));
    EXPECT_THAT(world.history, ElementsAre("+a"));
}

TEST_F(Resume, GoesOnUndoingWithTheConfigurationThatItWasBegunWith) {
    ToyProcedure toy(world, {"a", "b"});
    kill_after_failure(toy, "before-apply:b", "before-undo:a");
    toy.settings["toy.size"] = "4";
    world.at = [&](const std::string& place) {
        if (place == "after-undo:a") {
            EXPECT_EQ(toy.settings.at("toy.size"), "3");
        }
    };
    EXPECT_EQ(climb(toy).outcome, Outcome::failed_undone);
    EXPECT_EQ(toy.settings.at("toy.size"), "4") << "what follows goes by that of now";
    EXPECT_FALSE(world.switches["a"]);
}

TEST_F(Resume, GoesOnUndoingWithTheConfigurationOfNowWhereTheOtherIsOfNoUse) {
    ToyProcedure toy(world, {"a", "b"});
    kill_after_failure(toy, "before-apply:b", "before-undo:a");
    toy.settings["toy.size"] = "4";
    toy.adopts = false;
    EXPECT_EQ(climb(toy).outcome, Outcome::failed_undone);
    EXPECT_FALSE(world.switches["a"]) << "services come back all the same";
    EXPECT_THAT(observer.warnings, Contains(HasSubstr("with the configuration of now")));
}

TEST_F(Resume, ThatWaitsBehindTheReplacementSaysWhatIsLost) {
    ToyProcedure toy(world, {"a", "b"});
    toy.no_return = {"a"};
    toy.losing = {"a"};
    toy.loss = engine::ExpectedLoss{"an hour", {std::nullopt, std::chrono::hours(1)}, {}, {}};
    request.consent.accepted = std::chrono::hours(2);
    kill_at(toy, "before-apply:b");
    toy.ground_blocked = "the server does not start";
    const auto report = climb(toy);
    EXPECT_EQ(report.outcome, Outcome::failed);
    EXPECT_TRUE(report.data_loss);
    EXPECT_EQ(report.kept.at(0).remove_with, "") << "undoing would bring the damage back";
    EXPECT_TRUE(store().unfinished("toy", "box"));
    toy.ground_blocked.clear();
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
}

TEST_F(Resume, TakesDownWhoGoesOnAndWhy) {
    ToyProcedure toy(world, {"a", "b"});
    request.reason = "the disk died";
    kill_at(toy, "before-apply:b");
    request.reason = "it died again";
    EXPECT_EQ(climb(toy).reason, "it died again");
    EXPECT_THAT(system::read_file(store().directory_of(store().ids().back()) / "journal.jsonl"),
                HasSubstr("it died again"));
}

TEST_F(Resume, RefusesAnotherTargetBehindTheSameName) {
    ToyProcedure toy(world, {"a", "b"});
    kill_at(toy, "before-apply:b");
    toy.changed = {"the backup's digest differs"};
    EXPECT_THAT(climb(toy).error, HasSubstr("the backup's digest differs"));
}

TEST_F(Resume, TakesOptionsFromTheJournalAndRefusesContradictingOnes) {
    ToyProcedure toy(world, {"a", "b"});
    toy.given_options = {{"before", "noon"}};
    kill_at(toy, "before-apply:b");
    ToyProcedure contradicting(world, {"a", "b"});
    contradicting.given_options = {{"before", "midnight"}};
    EXPECT_THAT(climb(contradicting).error, HasSubstr("--before midnight"));
    ToyProcedure silent(world, {"a", "b"});
    EXPECT_EQ(climb(silent).outcome, Outcome::recovered);
    EXPECT_EQ(silent.given_options.at("before"), "noon");
}

TEST_F(Resume, WhatAPersonStoppedNeedsAPersonsWordToGoOn) {
    ToyProcedure toy(world, {"a", "b"});
    press_at("before-apply:b", SIGINT);
    EXPECT_EQ(climb(toy).outcome, Outcome::interrupted);
    release();
    EXPECT_THAT(climb(toy).hint, HasSubstr("--resume"));
    request.resume = true;
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
    EXPECT_THAT(world.history, ElementsAre("+a", "-b", "-a", "+a", "+b"));
}

TEST_F(Resume, IsDoneBeforeTheTargetIsEvenLookedAt) {
    ToyProcedure toy(world, {"a", "b"});
    kill_at(toy, "after-apply:b");
    // Healthy by now; the run still has to be brought to its end.
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
    EXPECT_FALSE(store().unfinished("toy", "box"));
}

TEST_F(Resume, PutsBackWhatTheRungStandsOnBeforeItGoesOn) {
    ToyProcedure toy(world, {"a", "b"});
    toy.first_rung = {"server"};
    toy.no_return = {"server"};
    toy.rebuilds_ground = true;
    world.switches["server"] = true;
    kill_at(toy, "before-apply:b");
    world.switches["server"] = false; // the machine went down too
    const auto report = climb(toy);
    EXPECT_EQ(report.outcome, Outcome::recovered);
    EXPECT_THAT(world.history, ElementsAre("+a", "+server", "+b")) << "what was done stays done";
    EXPECT_EQ(report.exit_code, ExitCode::good);
    world.history.clear();
    EXPECT_EQ(undo(toy, report.run).outcome, Outcome::undone);
    EXPECT_THAT(world.history, ElementsAre("-b", "-a")) << "the server was up before the run";
}

TEST_F(Resume, PutsTheGroundBackAlsoBeforeItGoesOnUndoing) {
    ToyProcedure toy(world, {"a", "b"});
    toy.first_rung = {"server"};
    toy.rebuilds_ground = true;
    world.switches["server"] = true;
    kill_after_failure(toy, "before-apply:b", "before-undo:a");
    world.switches["server"] = false; // the machine went down too
    kill_at(toy, "after-apply:server");
    const auto report = climb(toy);
    EXPECT_EQ(report.outcome, Outcome::failed_undone) << "it does not begin again";
    EXPECT_EQ(report.error, "before-apply:b is stuck");
    EXPECT_THAT(world.history, ElementsAre("+a", "-b", "+server", "-a"));
}

TEST_F(Resume, AFirstSignalDoesNotKeepTheGroundOfAnUndoFromComingBack) {
    ToyProcedure toy(world, {"a", "b"});
    toy.first_rung = {"socket", "server"};
    toy.rebuilds_ground = true;
    world.switches = {{"socket", true}, {"server", true}};
    kill_after_failure(toy, "before-apply:b", "before-undo:a");
    world.switches["socket"] = world.switches["server"] = false;
    press_at("before-apply:socket", SIGINT);
    EXPECT_EQ(climb(toy).outcome, Outcome::failed_undone);
    EXPECT_THAT(world.history, ElementsAre("+a", "-b", "+socket", "+server", "-a"));
}

TEST_F(Resume, TakesBackWhatItCanWhereTheGroundOfAnUndoIsGone) {
    ToyProcedure toy(world, {"a", "b"});
    kill_after_failure(toy, "before-apply:b", "before-undo:a");
    toy.ground_blocked = "the disk is not mounted";
    const auto report = climb(toy);
    EXPECT_EQ(report.error, "before-apply:b is stuck");
    EXPECT_THAT(observer.warnings, Contains(HasSubstr("the disk is not mounted")));
    EXPECT_FALSE(world.switches["a"]) << "a service is not kept down by a server that is";
    EXPECT_FALSE(store().unfinished("toy", "box"));
}

TEST_F(Resume, AStopWhileTheGroundComesBackIsAStopOfTheRun) {
    for (const bool evidence : {false, true}) { // of what a rung that starts a server comes to
        world = {};
        ToyProcedure toy(world, {"a", "b"});
        toy.first_rung = {"socket", "server"};
        toy.rebuilds_ground = true;
        world.switches = {{"socket", true}, {"server", true}};
        kill_at(toy, "before-apply:b");
        world.switches["socket"] = world.switches["server"] = false;
        toy.evidence = evidence;
        press_at("after-apply:socket", SIGTERM);
        const auto report = climb(toy);
        EXPECT_EQ(report.outcome, Outcome::interrupted) << evidence;
        EXPECT_EQ(report.exit_code, ExitCode::terminated);
        EXPECT_THAT(world.history, ElementsAre("+a", "+socket", "-socket", "-b", "-a"));
        release();
        EXPECT_THAT(climb(toy).hint, HasSubstr("--resume"));
        request.resume = true;
        EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
        request.resume = false;
    }
}

TEST_F(Resume, GoesOnForwardsAlsoAfterAKillWhileTheGroundFailed) {
    ToyProcedure toy(world, {"a", "b"});
    toy.first_rung = {"socket", "server"};
    toy.rebuilds_ground = true;
    world.switches = {{"socket", true}, {"server", true}};
    kill_at(toy, "before-apply:b");
    world.switches = {{"a", true}};
    world.at = [](const std::string& place) {
        if (place == "before-apply:server") {
            throw Error(ErrorCode::failed, "the server is stuck");
        }
        if (place == "before-undo:socket") {
            throw Killed{};
        }
    };
    EXPECT_THROW(climb(toy), Killed);
    world.at = [](const std::string&) {};
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
    EXPECT_THAT(world.history, ElementsAre("+a", "+socket", "-server", "+server", "+b"));
}

TEST_F(Resume, IsPutOffAndNotGivenUpWhereTheGroundCannotBePutBack) {
    ToyProcedure toy(world, {"a", "b"});
    kill_at(toy, "before-apply:b");
    toy.ground_blocked = "the disk is not mounted";
    const auto report = climb(toy);
    EXPECT_EQ(report.exit_code, ExitCode::refused);
    EXPECT_THAT(report.error, HasSubstr("not mounted"));
    EXPECT_EQ(report.kept.front().remove_with, report.undo_with) << "an open run is not pruned";
    EXPECT_TRUE(store().unfinished("toy", "box"));
    toy.ground_blocked.clear();
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
    EXPECT_THAT(world.history, ElementsAre("+a", "+b"));
}

TEST_F(Resume, SurvivesAKillWhileItPutsTheGroundBack) {
    ToyProcedure toy(world, {"a", "b"});
    toy.first_rung = {"server"};
    toy.rebuilds_ground = true;
    world.switches["server"] = true;
    kill_at(toy, "before-apply:b");
    world.switches["server"] = false;
    kill_at(toy, "before-apply:server");
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
    EXPECT_THAT(world.history, ElementsAre("+a", "+server", "+b"));
}

TEST_F(Resume, RefusesAnotherPlanThanTheOneThatIsUnfinished) {
    ToyProcedure toy(world, {"a", "b"});
    kill_at(toy, "before-apply:b");
    request.expect_plan = "0123456789abcdef";
    const auto report = climb(toy);
    EXPECT_EQ(report.exit_code, ExitCode::refused);
    EXPECT_THAT(report.error, HasSubstr("0123456789abcdef"));
    EXPECT_THAT(world.history, ElementsAre("+a"));
    request.expect_plan = store().read("last").plan_id;
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered);
}

TEST_F(Resume, ADamagedJournalStopsThisTargetOnly) {
    ToyProcedure toy(world, {"a", "b"});
    kill_at(toy, "before-apply:b");
    const auto directory = store().directory_of(store().ids().back());
    spoil_second_line(directory);
    const auto refused = climb(toy);
    EXPECT_EQ(refused.exit_code, ExitCode::refused);
    EXPECT_THAT(refused.hint, HasSubstr("sudo mv " + directory.string()));
    EXPECT_FALSE(store().unfinished("toy", "another box"));
    std::filesystem::rename(directory, directory.string() + ".unreadable");
    EXPECT_EQ(climb(toy).outcome, Outcome::recovered) << "what the hint says must help";
}

TEST_F(Resume, ADamagedJournalOfARunThatHasEndedStopsNobody) {
    ToyProcedure toy(world, {"a"});
    const auto run = climb(toy).run;
    spoil_second_line(store().directory_of(run));
    world.switches["a"] = false;
    clock.advance(std::chrono::minutes(1));
    const auto next = climb(toy);
    EXPECT_EQ(next.outcome, Outcome::recovered);
    EXPECT_EQ(undo(toy, next.run).outcome, Outcome::undone);
}

} // namespace
} // namespace drctl::test
