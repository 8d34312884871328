// SPDX-License-Identifier: Apache-2.0
#include "procedures/service_steps.hpp"

#include "drctl/error.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace drctl::procedures {
namespace {

using engine::CheckResult;
using engine::StepContext;
using Activity = service::Status::Activity;
using nlohmann::json;

constexpr const char* found_running = "services.found_running";

std::string milliseconds_now(const system::Clock& clock) {
    const auto since_epoch = clock.wall().time_since_epoch();
    return std::to_string(
        std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
}

/// One that is going down is not: nobody may count on it. One that runs once may be through.
bool is_up(const service::Status& status) {
    return status.activity == Activity::running || status.activity == Activity::starting ||
           (status.activity == Activity::stopped && status.runs_once);
}

bool may_write(const service::Status& status) {
    return status.activity == Activity::running || status.activity == Activity::starting ||
           status.activity == Activity::stopping;
}

void hold_and_stop(Services& services, system::StopToken stop) {
    for (const auto& service : services) {
        service->hold(stop);
        service->stop(stop);
    }
}

void start_and_look(service::Service& service, system::StopToken stop) {
    service.start(stop);
    const auto status = service.status(stop);
    if (!is_up(status)) {
        throw Error(ErrorCode::failed,
                    fmt::format("cannot see service '{}' running after its start: {}",
                                service.name(), status.detail),
                    "see why it does not run, then start it by hand");
    }
}

/// Lets go of every service, last one first, and starts those that are wanted. What fails does
/// not keep the rest down; then the first failure is thrown.
template <typename Wanted>
void bring_back(Services& services, system::StopToken stop, Wanted wanted) {
    std::optional<Error> first;
    const auto attempt = [&first](auto work) {
        try {
            work();
        } catch (const Error& error) {
            if (!first) {
                first = error;
            }
        }
    };
    for (auto service = services.rbegin(); service != services.rend(); ++service) {
        attempt([&] { (*service)->release(stop); });
        attempt([&] {
            if (wanted(**service)) {
                start_and_look(**service, stop);
            }
        });
    }
    if (first) {
        throw Error(*first);
    }
}

} // namespace

std::string names_of(const Services& services) {
    std::string list;
    for (std::size_t i = 0; i < services.size(); ++i) {
        list += i == 0 ? "" : i + 1 == services.size() ? " and " : ", ";
        list += services[i]->name();
    }
    return list.empty() ? "no service" : list;
}

std::string StopServices::title() const {
    return fmt::format("stop {} and keep them down", names_of(services_));
}

/// Who may stop them and hold them down may start them again.
std::vector<std::string> StopServices::forbidden() const {
    std::vector<std::string> all;
    for (const auto& service : services_) {
        auto words = service->forbidden();
        all.insert(all.end(), words.begin(), words.end());
    }
    return all;
}

CheckResult StopServices::check(StepContext& context) {
    for (const auto& service : services_) {
        const auto status = service->status(context.stop());
        if (may_write(status) || !service->held()) {
            return CheckResult::needed(fmt::format("{} is {}", service->name(), status.detail));
        }
    }
    const auto down = fmt::format("{} stopped and held down", names_of(services_));
    const bool noted = !context.facts().get(engine::fact::quiet_since).value_or("").empty();
    return noted ? CheckResult::satisfied(down) : CheckResult::needed(down + ", not since when");
}

void StopServices::apply(StepContext& context) {
    // Only the first look tells what was found: a rerun sees what we have done ourselves. One that
    // is going down may be about to be started again, by whoever restarts it or by its own policy.
    if (!context.facts().get(found_running)) {
        auto running = json::array();
        for (const auto& service : services_) {
            if (may_write(service->status(context.stop()))) {
                running.push_back(service->name());
            }
        }
        context.record(found_running, running.dump());
        context.record(engine::fact::outage_began, milliseconds_now(context.clock()));
    }
    context.record(engine::fact::quiet_since, "");
    hold_and_stop(services_, context.stop());
    const auto now = std::chrono::ceil<std::chrono::seconds>(context.clock().wall());
    context.record(engine::fact::quiet_since, system::format_rfc3339(now));
}

void StopServices::undo(StepContext& context, engine::UndoReason) {
    const auto found = context.facts().get(found_running);
    if (!found) {
        return; // it died before it touched anything
    }
    const auto running = json::parse(*found);
    context.record(engine::fact::quiet_since, "");
    bring_back(services_, context.stop(), [&running](const service::Service& service) {
        return std::find(running.begin(), running.end(), service.name()) != running.end();
    });
    context.record(engine::fact::outage_ended, milliseconds_now(context.clock()));
}

bool StartServices::wanted(service::Service& service, system::StopToken stop) const {
    return !leave_stopped_ && service.status(stop).startable;
}

std::string StartServices::title() const {
    return leave_stopped_ ? fmt::format("let go of {}, leaving them stopped", names_of(services_))
                          : fmt::format("start {}", names_of(services_));
}

CheckResult StartServices::check(StepContext& context) {
    std::string evidence;
    for (const auto& service : services_) {
        if (service->held()) {
            return CheckResult::needed(service->name() + " is held down");
        }
        const auto status = service->status(context.stop());
        const auto seen = fmt::format("{} is {}", service->name(), status.detail);
        if (wanted(*service, context.stop()) && !is_up(status)) {
            return CheckResult::needed(seen);
        }
        evidence += (evidence.empty() ? "" : "; ") + seen;
    }
    return CheckResult::satisfied(leave_stopped_ ? "left stopped, as asked" : evidence);
}

void StartServices::apply(StepContext& context) {
    bring_back(services_, context.stop(),
               [&](service::Service& service) { return wanted(service, context.stop()); });
    context.record(engine::fact::outage_ended, milliseconds_now(context.clock()));
}

void StartServices::undo(StepContext& context, engine::UndoReason) {
    context.record(engine::fact::outage_began, milliseconds_now(context.clock()));
    hold_and_stop(services_, context.stop());
}

HealthSeen wait_for_health(HealthChecks& health, const system::Clock& clock,
                           system::StopToken stop) {
    HealthSeen seen;
    for (auto& check : health.checks) {
        const auto verdict = health::wait_until_healthy(*check.probe, check.policy, clock, stop);
        if (verdict.state != health::Reading::State::healthy) {
            seen.failure = {check.policy.name, verdict.evidence};
            return seen;
        }
        seen.healthy.push_back(check.policy.name + ": " + verdict.evidence);
    }
    return seen;
}

std::string names_of(const HealthChecks& health) {
    std::string list;
    for (const auto& check : health.checks) {
        list += (list.empty() ? "" : ", ") + check.policy.name;
    }
    return list;
}

std::string CheckHealth::title() const {
    return "wait for health of " + names_of(health_);
}

CheckResult CheckHealth::check(StepContext&) {
    return passed_ ? CheckResult::satisfied(evidence_) : CheckResult::needed("not yet looked at");
}

void CheckHealth::apply(StepContext& context) {
    const auto seen = wait_for_health(health_, context.clock(), context.stop());
    if (seen.failure) {
        throw Error(
            ErrorCode::failed,
            fmt::format("cannot see '{}' healthy: {}", seen.failure->name, seen.failure->evidence),
            "the restored data verified and stays in place; look at that service");
    }
    evidence_ = fmt::format("{}", fmt::join(seen.healthy, "; "));
    passed_ = true;
}

} // namespace drctl::procedures
