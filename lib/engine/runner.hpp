// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"
#include "engine/observer.hpp"
#include "engine/plan.hpp"
#include "engine/run_store.hpp"
#include "system/clock.hpp"

#include <optional>
#include <vector>

namespace drctl::engine {

/// How a rung ended.
struct RungEnd {
    enum class Kind {
        succeeded,
        refused,     ///< a step was blocked before anything had been done
        undone,      ///< a step failed, everything was taken back
        stands,      ///< a step failed behind a point of no return, or an undo failed
        waiting,     ///< more would be lost than was agreed to; as interrupted
        interrupted, ///< a person stopped it; what could be was put back, it can be continued
    } kind = Kind::succeeded;
    std::optional<Error> error;
    int signal = 0; ///< of an interruption
};

/// What a run fails with that `--timeout` has stopped.
[[nodiscard]] Error out_of_time();

/// Carries out the steps of a rung and takes them back. Journals every intent before and every
/// outcome after the effect; believes only what the steps' checks see.
class Runner {
  public:
    Runner(Run& run, Observer& observer, const system::Clock& clock, system::StopToken stop)
        : run_(run), warnings_(run), observer_(observer, warnings_), clock_(clock), stop_(stop) {}

    /// Performs what of the rung's steps is needed. Never throws drctl::Error: a failure is
    /// undone back to the last point of no return and returned.
    RungEnd perform(std::size_t rung, std::vector<PlannedStep>& steps);
    /// Goes on taking back a rung whose process died while it did so.
    RungEnd finish_undo(std::size_t rung, std::vector<PlannedStep>& steps);
    /// Looks whether take_back() can work. Throws Error(refused) with the evidence if not.
    void check_take_back(std::size_t rung, std::vector<PlannedStep>& steps);
    /// Takes a rung back, points of no return included, whatever became of it. If a step cannot be
    /// taken back, brings services back and throws; calling again goes on.
    void take_back(std::size_t rung, std::vector<PlannedStep>& steps);

  private:
    StepContext context(system::StopToken stop);
    void perform_step(std::size_t rung, const PlannedStep& planned);
    void journal_step(std::size_t rung, const StepInfo& info, StepRecord::State state,
                      const std::string& evidence, std::chrono::milliseconds took);
    RungEnd wait_for_consent(std::size_t rung, std::vector<PlannedStep>& steps, const Error& cause);
    RungEnd fail(std::size_t rung, std::vector<PlannedStep>& steps, const Error& cause);
    void mark_failed(std::size_t rung, const Error& error);
    bool undo_steps(std::size_t rung, std::vector<PlannedStep>& steps, UndoReason reason);
    void undo_step(std::size_t rung, const PlannedStep& planned, UndoReason reason);
    bool try_undo_step(std::size_t rung, const PlannedStep& planned, UndoReason reason,
                       std::optional<Error>& first);
    void reinstate(std::size_t rung, std::vector<PlannedStep>& steps);
    void journal_undone(std::size_t rung, const StepInfo& info, const std::string& evidence,
                        std::chrono::milliseconds took);
    [[nodiscard]] const StepRecord& record_of(std::size_t rung, const std::string& id) const;
    [[nodiscard]] bool passed_no_return(std::size_t rung) const;

    /// A warning is part of the report, also of one that another process makes.
    class Warnings final : public Observer {
      public:
        explicit Warnings(Run& run) : run_(run) {}
        void warning(std::string_view text) override {
            run_.append_if_possible("warning", {{"text", text}});
        }

      private:
        Run& run_;
    };

    Run& run_;
    Warnings warnings_;
    ObserverPair observer_;
    const system::Clock& clock_;
    system::StopToken stop_;
};

} // namespace drctl::engine
