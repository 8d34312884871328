// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/facts.hpp"
#include "engine/observer.hpp"
#include "system/clock.hpp"
#include "system/stop.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace drctl::engine {

/// Whether going back after a step is the runner's business or only a person's.
enum class Effect { reversible, point_of_no_return };

/// What a step sees when it looks at the world.
struct CheckResult {
    enum class State { satisfied, needed, blocked } state = State::needed;
    std::string evidence; ///< what was seen, in words
    std::string hint;     ///< for blocked: what to type or fix

    static CheckResult satisfied(std::string evidence) {
        return {State::satisfied, std::move(evidence), {}};
    }
    static CheckResult needed(std::string evidence) {
        return {State::needed, std::move(evidence), {}};
    }
    static CheckResult blocked(std::string evidence, std::string hint) {
        return {State::blocked, std::move(evidence), std::move(hint)};
    }
};

/// Why a step is taken back.
enum class UndoReason {
    failed,      ///< the rung came to nothing: leave no trace
    interrupted, ///< a person stopped the run: put services back, keep what the resume can use
    requested,   ///< `runs undo` of a rung that served: what is replaced is kept in turn
};

/// What a step works with. Facts are journaled and fsynced before record() returns.
class StepContext {
  public:
    using Recorder = std::function<void(const std::string&, const std::string&)>;

    StepContext(std::string run_id, const Facts& facts, Recorder recorder,
                const system::Clock& clock, system::StopToken stop, Observer& observer)
        : run_id_(std::move(run_id)), facts_(facts), recorder_(std::move(recorder)), clock_(clock),
          stop_(stop), observer_(observer) {}

    [[nodiscard]] const std::string& run_id() const noexcept { return run_id_; }
    [[nodiscard]] const Facts& facts() const noexcept { return facts_; }
    void record(const std::string& key, const std::string& value) { recorder_(key, value); }
    [[nodiscard]] const system::Clock& clock() const noexcept { return clock_; }
    [[nodiscard]] system::StopToken stop() const noexcept { return stop_; }
    [[nodiscard]] Observer& observer() const noexcept { return observer_; }

  private:
    std::string run_id_;
    const Facts& facts_;
    Recorder recorder_;
    const system::Clock& clock_;
    system::StopToken stop_;
    Observer& observer_;
};

/// One idempotent piece of a plan. It is built from configuration and facts alone, so that a later
/// process can build it again; it decides by identity, never by name, and knows nothing of
/// plans, dry runs or journals.
class Step {
  public:
    Step() = default;
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    virtual ~Step() = default;

    /// Short, stable, unique within its plan: `stop-services`.
    [[nodiscard]] virtual std::string id() const = 0;
    /// One imperative line for people: `stop dao-registry and nginx`.
    [[nodiscard]] virtual std::string title() const = 0;
    [[nodiscard]] virtual Effect effect() const { return Effect::reversible; }

    /// True if what was agreed to be lost is no longer served from here on.
    [[nodiscard]] virtual bool loses_data() const { return false; }

    /// What apply() needs and this account may not do, in words: `hold service 'app' down`. All of
    /// it is told at once, before anything is done.
    [[nodiscard]] virtual std::vector<std::string> forbidden() const { return {}; }

    /// Looks; changes nothing.
    virtual CheckResult check(StepContext& context) = 0;
    /// Acts. May be killed anywhere and called again.
    virtual void apply(StepContext& context) = 0;
    /// True if there is something that undo() takes back for that reason.
    [[nodiscard]] virtual bool undoes(UndoReason) const { return false; }
    /// Looks whether undo() can work, before anything is stopped for it; changes nothing. Blocked
    /// refuses the whole of `runs undo`.
    virtual CheckResult check_undo(StepContext&, UndoReason) { return CheckResult::needed({}); }
    /// Takes back what apply() did, whole or in part, also when it never ran. Idempotent; looks
    /// itself whether it worked, and throws if not.
    virtual void undo(StepContext&, UndoReason) {}
    /// `runs undo` had taken this step back and then got stuck at an earlier one: brings back into
    /// service what undo() had put out of it. Idempotent.
    virtual void reinstate(StepContext&) {}
};

} // namespace drctl::engine
