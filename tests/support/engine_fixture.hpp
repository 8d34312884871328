// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/ladder.hpp"
#include "engine/undo.hpp"
#include "support/fake_clock.hpp"
#include "support/toy_procedure.hpp"
#include "system/files.hpp"
#include "system/stop.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace drctl::test {

class FakePrompter final : public engine::Prompter {
  public:
    bool go_ahead(const std::string& question) override {
        questions.push_back(question);
        return answer;
    }
    bool agree_to_loss(const std::string& target, const std::string&) override {
        questions.push_back(target);
        return answer;
    }
    bool answer = true;
    std::vector<std::string> questions;
};

class RecordingObserver final : public engine::Observer {
  public:
    void warning(std::string_view text) override { warnings.emplace_back(text); }
    void step_finished(const engine::StepInfo& step, StepStatus status, const std::string&,
                       std::chrono::milliseconds) override {
        steps.push_back(step.id + ":" + std::string(name_of(status)));
    }
    std::vector<std::string> warnings;
    std::vector<std::string> steps;
};

/// A state directory and everything around the engine. Each call of climb() is a process of its
/// own.
class EngineTest : public testing::Test {
  protected:
    Report climb(engine::Procedure& procedure) {
        engine::RunStore runs(state.path(), clock);
        engine::Environment world_outside{clock, stop->token(), observer, prompter, runs};
        world_outside.log_event = [this](std::string_view line) { events.emplace_back(line); };
        return engine::climb(procedure, world_outside, request);
    }
    Report undo(engine::Procedure& procedure, const std::string& run) {
        engine::RunStore runs(state.path(), clock);
        return engine::undo_run(procedure, run, {clock, stop->token(), observer, prompter, runs},
                                request);
    }
    Report prune(engine::Procedure& procedure, const std::string& run) {
        engine::RunStore runs(state.path(), clock);
        return engine::prune_run(procedure, run, {clock, stop->token(), observer, prompter, runs},
                                 request);
    }
    /// Does `work` and kills it at `where`.
    template <typename Work>
    void kill_at(const std::string& where, Work work) {
        world.at = [where](const std::string& place) {
            if (place == where) {
                throw Killed{};
            }
        };
        EXPECT_THROW(work(), Killed) << where;
        world.at = [](const std::string&) {};
    }
    void kill_at(ToyProcedure& toy, const std::string& where) {
        kill_at(where, [&] { climb(toy); });
    }
    /// Climbs until a step fails at `stuck`, and kills what follows at `where`.
    void kill_after_failure(ToyProcedure& toy, const std::string& stuck, const std::string& where) {
        world.at = [=](const std::string& place) {
            if (place == stuck) {
                throw Error(ErrorCode::failed, stuck + " is stuck");
            }
            if (place == where) {
                throw Killed{};
            }
        };
        EXPECT_THROW(climb(toy), Killed) << where;
        world.at = [](const std::string&) {};
    }
    void kill_undo_at(ToyProcedure& toy, const std::string& run, const std::string& where) {
        kill_at(where, [&] { undo(toy, run); });
    }
    /// What a process gets that is at `where`.
    void press_at(const std::string& where, int signal) {
        world.at = [this, where, signal](const std::string& place) {
            if (place == where) {
                stop->request(signal);
            }
        };
    }
    /// The next process has got no signal.
    void release() {
        world.at = [](const std::string&) {};
        stop = std::make_unique<system::StopSource>();
    }
    engine::RunStore store() { return {state.path(), clock}; }

    system::TemporaryDirectory state;
    FakeClock clock;
    std::unique_ptr<system::StopSource> stop = std::make_unique<system::StopSource>();
    RecordingObserver observer;
    FakePrompter prompter;
    std::vector<std::string> events; ///< in the system's log
    engine::RunRequest request = [] {
        engine::RunRequest made;
        made.yes = true;
        made.by = {"tester", "", "testhost", {"drctl", "toy"}};
        return made;
    }();
    ToyWorld world;
};

} // namespace drctl::test
