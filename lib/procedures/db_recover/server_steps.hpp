// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/step.hpp"
#include "procedures/db_target.hpp"

#include <string>

namespace drctl::procedures {

/// Starts the PostgreSQL server and waits until it answers, be it that it is still recovering. When
/// it does not come up, finds out why and records that as a fact, for the next look.
class StartServer final : public engine::Step {
  public:
    explicit StartServer(DbTarget target) : target_(std::move(target)) {}

    [[nodiscard]] std::string id() const override { return "start-server"; }
    [[nodiscard]] std::string title() const override;
    [[nodiscard]] std::vector<std::string> forbidden() const override {
        return target_.server()->forbidden();
    }
    [[nodiscard]] engine::Effect effect() const override {
        return engine::Effect::point_of_no_return;
    }
    engine::CheckResult check(engine::StepContext& context) override;
    void apply(engine::StepContext& context) override;
    /// It was down before: `runs undo` stops it again.
    [[nodiscard]] bool undoes(engine::UndoReason reason) const override {
        return reason == engine::UndoReason::requested;
    }
    void undo(engine::StepContext& context, engine::UndoReason reason) override;

  private:
    bool answers_in_time(engine::StepContext& context);
    [[noreturn]] void explain_failure(engine::StepContext& context,
                                      const std::string& manager_says);

    DbTarget target_;
};

/// Waits until a server that is starting or recovering accepts connections. Changes nothing; a
/// server that outlasts the deadline is left recovering.
class WaitForServer final : public engine::Step {
  public:
    explicit WaitForServer(DbTarget target) : target_(std::move(target)) {}

    [[nodiscard]] std::string id() const override { return "wait-for-server"; }
    [[nodiscard]] std::string title() const override { return "wait for crash recovery to finish"; }
    /// Not that it could not be undone: there is nothing to undo, and a person is needed.
    [[nodiscard]] engine::Effect effect() const override {
        return engine::Effect::point_of_no_return;
    }
    engine::CheckResult check(engine::StepContext& context) override;
    void apply(engine::StepContext& context) override;

  private:
    DbTarget target_;
};

} // namespace drctl::procedures
