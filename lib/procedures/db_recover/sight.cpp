// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/sight.hpp"

#include "drctl/error.hpp"
#include "postgres/damage_scope.hpp"
#include "postgres/data_directory.hpp"
#include "postgres/missing_files.hpp"
#include "postgres/start_diagnosis.hpp"
#include "postgres/verify.hpp"
#include "procedures/db_recover/cause_fact.hpp"
#include "procedures/db_recover/facts.hpp"
#include "procedures/db_recover/last_seen.hpp"
#include "system/users.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace drctl::procedures {
namespace {

using State = postgres::ServerProbe::State;

/// A server that came up so lately may have crashed: what it says is not yet believed.
constexpr std::chrono::minutes lately{10};

/// Whether the server that answered works in the data directory that is configured.
std::optional<postgres::Cause> find_mismatch(const postgres::ServerProbe& probe,
                                             const config::Database& database) {
    if (!probe.facts || !database.data_dir || probe.facts->data_directory.empty()) {
        return std::nullopt;
    }
    const auto theirs = system::identity_of(probe.facts->data_directory);
    if (theirs && theirs == system::identity_of(*database.data_dir)) {
        return std::nullopt;
    }
    if (!theirs && *database.data_dir == probe.facts->data_directory) {
        return std::nullopt; // we may not look there, but it is the same path
    }
    return postgres::make_cause(
        postgres::Cause::Kind::other_data_directory,
        fmt::format("the server at that address works in '{}', data_dir is '{}'",
                    probe.facts->data_directory, database.data_dir->string()));
}

/// What the disk says against a start. Files that are hidden from us are not hidden from the
/// account that the server is started as.
std::optional<postgres::Cause> find_obstacle(const config::Database& database) {
    const auto directory = postgres::inspect_data_directory(*database.data_dir);
    const bool hidden = directory.state == postgres::DataDirectory::State::unreadable &&
                        !system::running_as_root() &&
                        database.os_user != system::current_user().name;
    auto obstacle = postgres::obstacle_to_start(database, directory);
    if (hidden && obstacle && obstacle->kind == postgres::Cause::Kind::permissions) {
        return std::nullopt;
    }
    return obstacle;
}

/// Where the server's files are: as configured, else as the server says. Empty: not known.
std::filesystem::path directory_of(const postgres::ServerProbe& probe,
                                   const config::Database& database) {
    if (database.data_dir) {
        return *database.data_dir;
    }
    return probe.facts ? probe.facts->data_directory : std::string();
}

/// The same as far as we can look there ourselves; nothing: we cannot.
std::optional<std::filesystem::path> directory_in_sight(const postgres::ServerProbe& probe,
                                                        const config::Database& database) {
    auto directory = directory_of(probe, database);
    const bool here = database.data_dir || postgres::is_local(database.connection);
    return here && !directory.empty() ? std::optional(std::move(directory)) : std::nullopt;
}

std::optional<std::uint64_t> identifier_of(const postgres::ServerProbe& probe) {
    if (!probe.facts) {
        return std::nullopt;
    }
    return probe.facts->system_identifier;
}

std::optional<LastSeen> memory_of(const DbTarget& target, const postgres::ServerProbe& probe) {
    return read_last_seen(target.tools().state_directory, target.database().name,
                          identifier_of(probe));
}

bool has_restored(const std::vector<engine::RungResult>& history) {
    return std::any_of(history.begin(), history.end(), [](const engine::RungResult& result) {
        return result.succeeded &&
               (result.rung == rung::restore_database || result.rung == rung::swap_copy);
    });
}

bool restarted_lately(const postgres::ServerProbe& probe, const system::Clock& clock) {
    return probe.facts && clock.wall() - probe.facts->up_since < lately;
}

/// The queries, and every row where a crash or the person gives reason to. What is wrong with an
/// index alone does not end the look: rows may be lost too.
void verify(Sight& sight, const DbTarget& target, const DbRecoverOptions& options,
            const engine::LookContext& context, Purpose purpose) {
    const auto until =
        purpose == Purpose::to_verify ? postgres::Until::the_end : postgres::Until::first_wrong;
    const auto directory = directory_in_sight(sight.probe, target.database());
    const auto confirm = [&](postgres::Cause cause) {
        return postgres::confirm_damage(std::move(cause), target.live(), directory, context.stop);
    };
    auto found = postgres::run_queries(target.live(), target.database().verify, context.stop,
                                       confirm, until);
    sight.restarted_lately = restarted_lately(sight.probe, context.clock);
    const bool deep = options.verify == DbRecoverOptions::Depth::full ||
                      (sight.restarted_lately && !has_restored(context.history));
    if (deep && !found.decided() && purpose != Purpose::to_watch) {
        context.observer.note(
            sight.restarted_lately
                ? "the server was started within the last 10 minutes: reading every row"
                : "reading every row");
        sight.every_row_read = true;
        found.add(postgres::read_every_row(target.live(), target.jobs(options.jobs), context.stop,
                                           confirm));
    }
    sight.verified = std::move(found.good);
    sight.finding = std::move(found.wrong);
    sight.also_found = std::move(found.also_wrong);
}

/// What was asked for by name needs no verdict on the live database.
bool verdict_matters(const DbRecoverOptions& options,
                     const std::vector<engine::RungResult>& history) {
    const bool asked = options.restore_anyway || !options.from_run.empty();
    return !options.beside && (!asked || !history.empty());
}

/// A name that nothing answers to is no proof: the thing may only have another name by now.
void confirm_what_is_missing(Sight& sight, const DbTarget& target, system::StopToken stop) {
    if (sight.finding && !sight.finding->relation.empty()) {
        auto connection = postgres::open_table_reader(target.live(), stop);
        sight.finding = confirm_lost_relation(std::move(*sight.finding), connection,
                                              memory_of(target, sight.probe));
    } else if (sight.probe.state == State::database_missing &&
               (sight.probe.in_catalogue || !sight.probe.facts)) {
        sight.finding = postgres::judge_missing_database(
            sight.probe, directory_in_sight(sight.probe, target.database()));
    } else if (sight.probe.state == State::database_missing) {
        auto server = target.connect_maintenance(stop);
        sight.finding = explain_missing_database(server, memory_of(target, sight.probe),
                                                 directory_of(sight.probe, target.database()));
    }
}

/// Once this run has brought the server up and the data are good, the application must see it too.
void ask_health(Sight& sight, const DbTarget& target, const DbRecoverOptions& options,
                const engine::LookContext& context) {
    const auto came_up = [&](const engine::RungResult& result) {
        return result.succeeded && (result.rung == rung::start || result.rung == rung::wait);
    };
    sight.health_seen = has_restored(context.history) && !options.keep_services_stopped;
    if (sight.health_seen ||
        std::none_of(context.history.begin(), context.history.end(), came_up)) {
        return;
    }
    auto health = target.health();
    if (!health.checks.empty()) {
        context.observer.note("waiting for health of " + names_of(health));
    }
    const auto seen = wait_for_health(health, context.clock, context.stop);
    if (seen.failure) {
        sight.unhealthy =
            fmt::format("'{}' is not healthy: {}", seen.failure->name, seen.failure->evidence);
        return;
    }
    sight.verified.insert(sight.verified.end(), seen.healthy.begin(), seen.healthy.end());
    sight.health_seen = true;
}

/// For the day it is gone. Who may only look cannot write it down; a later look will.
void remember(const Sight& sight, const DbTarget& target, const engine::LookContext& context) {
    try {
        auto connection = postgres::open_table_reader(target.live(), context.stop);
        write_last_seen(target.tools().state_directory, target.database().name,
                        see(connection, identifier_of(sight.probe), context.clock.wall()));
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted) {
            throw;
        }
    }
}

} // namespace

Sight look_at(const DbTarget& target, const DbRecoverOptions& options,
              const engine::LookContext& context, Purpose purpose) {
    const auto& database = target.database();
    Sight sight;
    sight.probe = target.probe(context.stop);
    sight.server_mismatch = find_mismatch(sight.probe, database);
    if (const auto failure = context.facts.get(fact::start_failure)) {
        sight.cannot_start = cause_from_fact(*failure);
    }
    if (database.data_dir && sight.probe.state == State::refused) {
        sight.obstacle = find_obstacle(database);
    }
    if (const auto directory = directory_of(sight.probe, database); !directory.empty()) {
        sight.manager = postgres::find_manager(
            directory, sight.probe.facts ? sight.probe.facts->shared_preload_libraries : "");
    }
    if (sight.probe.state == State::failing) {
        sight.finding = postgres::classify(sight.probe.sqlstate, sight.probe.evidence);
    }
    const bool ours = !sight.server_mismatch && (!sight.manager || purpose != Purpose::to_act);
    if (sight.probe.state == State::accepting && ours &&
        verdict_matters(options, context.history)) {
        try {
            verify(sight, target, options, context, purpose);
            if (!sight.finding) {
                remember(sight, target, context);
                ask_health(sight, target, options, context);
            }
        } catch (const Error& error) {
            if (error.code() == ErrorCode::interrupted) {
                throw;
            }
            // The session broke while we looked: that is what we saw.
            sight.finding = postgres::classify(error);
        }
    }
    if (ours) {
        confirm_what_is_missing(sight, target, context.stop);
        if (sight.finding) {
            sight.finding =
                postgres::confirm_damage(*sight.finding, target.live(),
                                         directory_in_sight(sight.probe, database), context.stop);
        }
    }
    return sight;
}

} // namespace drctl::procedures
