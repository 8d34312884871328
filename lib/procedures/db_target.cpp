// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_target.hpp"

#include "config/secrets.hpp"
#include "drctl/error.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>
#include <thread>

namespace drctl::procedures {
namespace {

using namespace std::chrono_literals;

constexpr const char* usual_maintenance = "postgres";
constexpr const char* other_maintenance = "template1"; ///< in every cluster

/// The database to work from; never the one that is to be renamed or dropped.
const char* maintenance_database_for(const std::string& dbname) {
    return dbname == usual_maintenance ? other_maintenance : usual_maintenance;
}

constexpr auto patience_of_a_probe = 5s;

const config::Database& database_of(const config::Config& configuration, const std::string& name) {
    const auto found = configuration.databases.find(name);
    if (found == configuration.databases.end()) {
        throw Error(ErrorCode::usage, "cannot find database '" + name + "' in the configuration",
                    "list what is configured: drctl config show");
    }
    return found->second;
}

system::Secret password_of(const config::Database& database, const Toolbox& tools,
                           system::StopToken stop) {
    return database.password
               ? config::read_secret(*database.password, *tools.processes, *tools.redactor, stop)
               : system::Secret();
}

health::Reading read_database_health(const DbTarget& target, config::Duration timeout,
                                     system::StopToken stop) {
    using State = health::Reading::State;
    const auto probe = postgres::probe_server(target.live(), timeout, stop);
    switch (probe.state) {
    case postgres::ServerProbe::State::accepting:
        return {State::healthy, probe.evidence};
    case postgres::ServerProbe::State::unreachable:
        return {State::unknown, probe.evidence};
    default:
        return {State::unhealthy, probe.evidence};
    }
}

} // namespace

/// Marks of held command services lie below the state directory: whoever runs the procedure can
/// write there, and a rehearsal with a state of its own never meets the host's services. The
/// boot's id in the path makes a reboot release them.
service::Places places_of(const Toolbox& tools) {
    std::string boot = "unknown-boot";
    std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
    service::Places places;
    places.command_holds = tools.state_directory / "held" / boot;
    return places;
}

health::Tools health_tools(const config::Config& configuration, const Toolbox& tools) {
    return {*tools.http, *tools.processes,
            [configuration, tools](const std::string& name, config::Duration timeout,
                                   system::StopToken stop) {
                return read_database_health(DbTarget(configuration, name, tools, stop), timeout,
                                            stop);
            }};
}

DbTarget::DbTarget(config::Config configuration, const std::string& name, const Toolbox& tools,
                   system::StopToken stop)
    : configuration_(std::move(configuration)), database_(database_of(configuration_, name)),
      tools_(tools), live_(postgres::target_of(database_, password_of(database_, tools, stop))),
      maintenance_(live_.with_dbname(maintenance_database_for(live_.dbname))) {}

postgres::Connection DbTarget::connect_maintenance(system::StopToken stop) const {
    constexpr std::string_view no_such_database = "3D000";
    try {
        return postgres::Connection::open(maintenance_, {}, stop);
    } catch (const Error& error) {
        const bool dropped = error.context_value("sqlstate") == no_such_database;
        if (!dropped || maintenance_.dbname == other_maintenance ||
            live_.dbname == other_maintenance) {
            throw;
        }
    }
    maintenance_ = live_.with_dbname(other_maintenance);
    return postgres::Connection::open(maintenance_, {}, stop);
}

postgres::ServerProbe DbTarget::probe(system::StopToken stop) const {
    return postgres::probe_server(live_, patience_of_a_probe, stop);
}

Services DbTarget::services() const {
    Services services;
    for (const auto& name : database_.stop) {
        services.push_back(service::make_service(configuration_.services.at(name),
                                                 *tools_.processes, places_of(tools_)));
    }
    return services;
}

std::unique_ptr<service::Service> DbTarget::server() const {
    if (!database_.server) {
        return nullptr;
    }
    return service::make_service(configuration_.services.at(*database_.server), *tools_.processes,
                                 places_of(tools_));
}

HealthChecks DbTarget::health() const {
    HealthChecks health;
    health.tools = std::make_unique<health::Tools>(health_tools(configuration_, tools_));
    for (const auto& name : database_.health) {
        const auto& policy = configuration_.healths.at(name);
        health.checks.push_back({policy, health::make_probe(policy, *health.tools)});
    }
    return health;
}

unsigned DbTarget::jobs(unsigned asked) const {
    const auto configured = asked != 0 ? asked : database_.jobs;
    return configured != 0 ? configured : std::max(1U, std::thread::hardware_concurrency());
}

} // namespace drctl::procedures
