// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"
#include "engine/ladder.hpp"
#include "engine/procedure.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// A world of named switches, and a procedure that sets them: the engine can be tested on it
/// without servers, and killed anywhere.
namespace drctl::test {

/// Thrown to end a "process" at a chosen place. Not a std::exception, so that nothing in the
/// engine catches it, as nothing catches SIGKILL.
struct Killed {};

struct ToyWorld {
    std::map<std::string, bool> switches;
    std::vector<std::string> history; ///< what was done, in order
    std::vector<engine::UndoReason> undo_reasons;
    std::string stuck;      ///< the step that says beforehand that it cannot be undone
    std::string obstructed; ///< the step that says beforehand that it cannot be done
    bool forbidden = false; ///< this account may switch nothing on
    bool healthy_when_all_on = true;
    std::function<void(const std::string&)> at = [](const std::string&) {
    }; ///< "apply:x", "undo:x", …
};

class ToyStep final : public engine::Step {
  public:
    /// What distinguishes one step from another.
    struct Kind {
        engine::Effect effect = engine::Effect::reversible;
        bool is_kept = false;
        bool loses_data = false;
        std::string adverb;
    };
    ToyStep(ToyWorld& world, std::string name, Kind kind)
        : world_(world), name_(std::move(name)), kind_(kind) {}

    [[nodiscard]] std::string id() const override { return name_; }
    [[nodiscard]] std::string title() const override { return "switch on " + name_ + kind_.adverb; }
    [[nodiscard]] engine::Effect effect() const override { return kind_.effect; }
    [[nodiscard]] bool loses_data() const override { return kind_.loses_data; }
    [[nodiscard]] std::vector<std::string> forbidden() const override {
        return world_.forbidden ? std::vector{"touch " + name_, std::string("open the box")}
                                : std::vector<std::string>{};
    }

    engine::CheckResult check(engine::StepContext&) override {
        world_.at("check:" + name_);
        if (world_.obstructed == name_) {
            return engine::CheckResult::blocked(name_ + " is rusty", "oil " + name_);
        }
        return world_.switches[name_] ? engine::CheckResult::satisfied(name_ + " is on")
                                      : engine::CheckResult::needed(name_ + " is off");
    }
    void apply(engine::StepContext& context) override {
        world_.at("before-apply:" + name_);
        context.stop().throw_if_requested();
        context.record("touched." + name_, context.run_id());
        world_.switches[name_] = true;
        world_.history.push_back("+" + name_);
        world_.at("after-apply:" + name_);
    }
    [[nodiscard]] bool undoes(engine::UndoReason reason) const override {
        return !kind_.is_kept || reason == engine::UndoReason::failed;
    }
    engine::CheckResult check_undo(engine::StepContext&, engine::UndoReason) override {
        world_.at("check-undo:" + name_);
        return world_.stuck == name_
                   ? engine::CheckResult::blocked(name_ + " is stuck", "oil " + name_)
                   : engine::CheckResult::needed(name_ + " is on");
    }
    void reinstate(engine::StepContext&) override {
        world_.switches[name_] = true;
        world_.history.push_back("=" + name_);
    }
    void undo(engine::StepContext&, engine::UndoReason reason) override {
        world_.at("before-undo:" + name_);
        world_.undo_reasons.push_back(reason);
        world_.switches[name_] = false;
        world_.history.push_back("-" + name_);
        world_.at("after-undo:" + name_);
    }

  private:
    ToyWorld& world_;
    std::string name_;
    Kind kind_;
};

/// One rung, `repair`, that switches on what `names` lists, where given after another one, `first`,
/// that switches on `first_rung`; those in `no_return` cannot be undone by a failure, those in
/// `kept_ones` by nothing but a failure.
class ToyProcedure final : public engine::Procedure {
  public:
    ToyProcedure(ToyWorld& world, std::vector<std::string> names)
        : world_(world), names_(std::move(names)) {}

    std::vector<std::string> first_rung, no_return, kept_ones, losing;
    std::map<std::string, std::string> settings{{"toy.size", "3"}};
    std::map<std::string, std::string> given_options;
    std::vector<std::string> changed;
    std::optional<engine::ExpectedLoss> loss;
    std::string adverb; ///< how it is done, as titles tell
    bool adopts = true; ///< the configuration of another process
    bool blocked = false;
    bool rebuilds_ground = false; ///< `first_rung` must be on before `repair` goes on
    std::string ground_blocked;   ///< why it cannot go on
    bool evidence = false;

    [[nodiscard]] std::string name() const override { return "toy"; }
    [[nodiscard]] std::string target() const override { return "box"; }
    [[nodiscard]] std::vector<std::string> resources() const override { return {"toy/box"}; }
    [[nodiscard]] std::map<std::string, std::string> configuration() const override {
        return settings;
    }
    [[nodiscard]] std::map<std::string, std::string> options() const override {
        return given_options;
    }
    void adopt_options(const std::map<std::string, std::string>& options) override {
        given_options = options;
    }
    void adopt_configuration(const std::map<std::string, std::string>& recorded) override {
        if (!adopts) {
            throw Error(ErrorCode::usage, "cannot read the secret");
        }
        settings = recorded;
    }
    engine::Assessment assess(const engine::LookContext& context) override {
        world_.at("assess");
        context.stop.throw_if_requested();
        engine::Assessment seen;
        if (blocked ||
            (evidence && !context.history.empty() && !context.history.back().succeeded)) {
            seen.summary = "something is in the way";
            seen.hint = "remove it";
            return seen;
        }
        const bool all = world_.healthy_when_all_on && all_on(names_) && all_on(first_rung);
        seen.verdict =
            all ? engine::Assessment::Verdict::healthy : engine::Assessment::Verdict::needs_rung;
        seen.rung = all ? "" : all_on(first_rung) ? "repair" : "first";
        seen.summary = all ? "all switches are on" : "a switch is off";
        return seen;
    }
    engine::Plan plan(const engine::Assessment& seen, const engine::LookContext& context) override {
        engine::Plan plan;
        plan.rung = seen.rung;
        plan.summary = "switch everything on";
        plan.loss = loss;
        plan.facts.set("made.by", context.run_id);
        plan.steps = rebuild(plan.rung, plan.facts);
        return plan;
    }
    std::vector<engine::PlannedStep> rebuild(const std::string& rung,
                                             const engine::Facts&) override {
        std::vector<engine::PlannedStep> steps;
        for (const auto& name : rung == "first" ? first_rung : names_) {
            const auto is_in = [&name](const std::vector<std::string>& names) {
                return std::find(names.begin(), names.end(), name) != names.end();
            };
            const auto effect =
                is_in(no_return) ? engine::Effect::point_of_no_return : engine::Effect::reversible;
            const ToyStep::Kind kind{effect, is_in(kept_ones), is_in(losing), adverb};
            steps.push_back({std::make_unique<ToyStep>(world_, name, kind), "it is off"});
        }
        return steps;
    }
    std::vector<std::string> differences(const std::map<std::string, std::string>& recorded,
                                         const engine::LookContext&) override {
        auto found = changed;
        if (recorded != settings) {
            found.emplace_back("the settings differ");
        }
        return found;
    }
    std::optional<engine::Assessment> before_resuming(const std::string&,
                                                      const engine::LookContext&) override {
        if (!ground_blocked.empty()) {
            engine::Assessment seen;
            seen.summary = ground_blocked;
            return seen;
        }
        if (!rebuilds_ground || all_on(first_rung)) {
            return std::nullopt;
        }
        engine::Assessment seen;
        seen.verdict = engine::Assessment::Verdict::needs_rung;
        seen.rung = "first";
        return seen;
    }
    [[nodiscard]] bool failure_is_evidence(const std::string&) const override { return evidence; }
    [[nodiscard]] std::vector<Report::Kept> kept(const engine::Facts&,
                                                 const std::string& run_id) override {
        world_.at("kept");
        return {{"the old switches", "drctl runs prune " + run_id}};
    }
    void prune(const engine::LookContext&) override { world_.history.emplace_back("pruned"); }

  private:
    [[nodiscard]] bool all_on(const std::vector<std::string>& names) const {
        return std::all_of(names.begin(), names.end(),
                           [this](const auto& name) { return world_.switches[name]; });
    }

    ToyWorld& world_;
    std::vector<std::string> names_;
};

} // namespace drctl::test
