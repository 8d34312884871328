// SPDX-License-Identifier: Apache-2.0
#include "drctl/error.hpp"
#include "health/health.hpp"
#include "procedures/db_target.hpp"
#include "procedures/status/looks.hpp"
#include "service/service.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace drctl::procedures {
namespace {

using State = StatusItem::State;
using Activity = service::Status::Activity;

std::string_view name_of(Activity activity) {
    switch (activity) {
    case Activity::running:
        return "running";
    case Activity::starting:
        return "starting";
    case Activity::stopping:
        return "stopping";
    case Activity::stopped:
        return "stopped";
    case Activity::failed:
        break;
    }
    return "failed";
}

/// The database server is brought up by the procedure that knows why it is down.
std::string how_to_start(const config::Config& configuration, const config::Service& service) {
    for (const auto& [name, database] : configuration.databases) {
        if (database.server == service.name) {
            return "drctl db-recover " + name;
        }
    }
    return service.manager == config::Service::Manager::systemd
               ? "sudo systemctl start " + service.unit
               : fmt::format("{}", fmt::join(service.start, " "));
}

State state_of(const service::Status& status) {
    switch (status.activity) {
    case Activity::running:
        return State::good;
    case Activity::starting:
        return State::notice;
    case Activity::stopping:
    case Activity::stopped:
        // Disabled or masked: somebody wants it so.
        return status.startable ? State::bad : State::notice;
    case Activity::failed:
        break;
    }
    return State::bad;
}

} // namespace

StatusItem look_at_service(const config::Config& configuration, const config::Service& service,
                           const Toolbox& tools, system::StopToken stop) {
    const auto asked = service::make_service(service, *tools.processes, places_of(tools));
    const auto status = asked->status(stop);
    StatusItem item;
    item.kind = "service";
    item.name = service.name;
    item.state = state_of(status);
    item.summary = name_of(status.activity);
    if (item.state != State::good && !status.detail.empty()) {
        item.summary += ": " + status.detail;
    }
    if (item.state != State::good) {
        item.since = status.since;
    }
    if (item.state == State::bad) {
        item.summary += asked->held() ? "; held down by a run of drctl" : "";
        item.next = how_to_start(configuration, service);
    }
    return item;
}

StatusItem look_at_health(const config::Config& configuration, const config::Health& health,
                          const Toolbox& tools, system::StopToken stop) {
    const health::Tools with = health_tools(configuration, tools);
    const auto probe = health::make_probe(health, with);
    const auto verdict = health::assess(*probe, health, *tools.clock, stop);
    StatusItem item;
    item.kind = "health";
    item.name = health.name;
    item.summary = verdict.evidence;
    switch (verdict.state) {
    case health::Reading::State::healthy:
        item.state = State::good;
        break;
    case health::Reading::State::unhealthy:
        item.state = State::bad;
        break;
    case health::Reading::State::unknown:
        item.state = State::unknown;
        break;
    }
    return item;
}

} // namespace drctl::procedures
