// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/types.hpp"
#include "engine/step.hpp"
#include "health/health.hpp"
#include "service/service.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Steps that several procedures have: services down, services up, health.
namespace drctl::procedures {

using Services = std::vector<std::unique_ptr<service::Service>>;

/// `dao-registry and nginx`, for titles; `no service` for none.
[[nodiscard]] std::string names_of(const Services& services);

/// Holds and stops services in order. Remembers which of them ran; taken back, those run again.
class StopServices final : public engine::Step {
  public:
    explicit StopServices(Services services) : services_(std::move(services)) {}

    [[nodiscard]] std::string id() const override { return "stop-services"; }
    [[nodiscard]] std::string title() const override;
    [[nodiscard]] std::vector<std::string> forbidden() const override;
    engine::CheckResult check(engine::StepContext& context) override;
    void apply(engine::StepContext& context) override;
    [[nodiscard]] bool undoes(engine::UndoReason) const override { return true; }
    void undo(engine::StepContext& context, engine::UndoReason reason) override;

  private:
    Services services_;
};

/// Releases services and starts, in reverse order, those that are not disabled or masked. A point
/// of no return: they may write. Taken back, they are held and stopped again.
class StartServices final : public engine::Step {
  public:
    StartServices(Services services, bool leave_stopped)
        : services_(std::move(services)), leave_stopped_(leave_stopped) {}

    [[nodiscard]] std::string id() const override { return "start-services"; }
    [[nodiscard]] std::string title() const override;
    [[nodiscard]] engine::Effect effect() const override {
        return engine::Effect::point_of_no_return;
    }
    engine::CheckResult check(engine::StepContext& context) override;
    void apply(engine::StepContext& context) override;
    [[nodiscard]] bool undoes(engine::UndoReason) const override { return true; }
    void undo(engine::StepContext& context, engine::UndoReason reason) override;
    void reinstate(engine::StepContext& context) override { apply(context); }

  private:
    [[nodiscard]] bool wanted(service::Service& service, system::StopToken stop) const;

    Services services_;
    bool leave_stopped_;
};

/// Health checks with their policies, and what their probes look with.
struct HealthChecks {
    struct Check {
        config::Health policy;
        std::unique_ptr<health::Probe> probe;
    };
    std::unique_ptr<health::Tools> tools;
    std::vector<Check> checks;
};

/// `api, login`, for titles.
[[nodiscard]] std::string names_of(const HealthChecks& health);

/// What waiting for health came to.
struct HealthSeen {
    struct Failure {
        std::string name;
        std::string evidence;
    };
    std::vector<std::string> healthy; ///< `api: answered 200`, a line each
    std::optional<Failure> failure; ///< the first that did not get healthy; none after it is asked
};

/// Waits for one after the other, each until its own deadline.
[[nodiscard]] HealthSeen wait_for_health(HealthChecks& health, const system::Clock& clock,
                                         system::StopToken stop);

/// Waits until every check is healthy. Changes nothing, but behind it clients are being served:
/// when it fails, what was done stays.
class CheckHealth final : public engine::Step {
  public:
    explicit CheckHealth(HealthChecks health) : health_(std::move(health)) {}

    [[nodiscard]] std::string id() const override { return "check-health"; }
    [[nodiscard]] std::string title() const override;
    [[nodiscard]] engine::Effect effect() const override {
        return engine::Effect::point_of_no_return;
    }
    engine::CheckResult check(engine::StepContext& context) override;
    void apply(engine::StepContext& context) override;

  private:
    HealthChecks health_;
    bool passed_ = false; ///< in this process; a later one looks for itself
    std::string evidence_;
};

} // namespace drctl::procedures
