// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/sight.hpp"

#include "drctl/error.hpp"
#include "postgres/data_directory.hpp"
#include "postgres/start_diagnosis.hpp"
#include "postgres/verify.hpp"
#include "procedures/db_recover/cause_fact.hpp"
#include "procedures/db_recover/facts.hpp"

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

bool has_restored(const std::vector<engine::RungResult>& history) {
    return std::any_of(history.begin(), history.end(), [](const engine::RungResult& result) {
        return result.succeeded &&
               (result.rung == rung::restore_database || result.rung == rung::swap_copy);
    });
}

bool restarted_lately(const postgres::ServerProbe& probe, const system::Clock& clock) {
    return probe.facts && clock.wall() - probe.facts->up_since < lately;
}

void take_over(Sight& sight, postgres::Verification found) {
    sight.verified.insert(sight.verified.end(), found.good.begin(), found.good.end());
    sight.finding = std::move(found.wrong);
    sight.also_found = std::move(found.also_wrong);
}

/// The queries, and every row where a crash or the person gives reason to.
void verify(Sight& sight, const DbTarget& target, const DbRecoverOptions& options,
            const engine::LookContext& context, Purpose purpose) {
    const auto until =
        purpose == Purpose::to_verify ? postgres::Until::the_end : postgres::Until::first_wrong;
    take_over(sight,
              postgres::run_queries(target.live(), target.database().verify, context.stop, until));
    sight.restarted_lately = restarted_lately(sight.probe, context.clock);
    const bool deep = options.verify == DbRecoverOptions::Depth::full ||
                      (sight.restarted_lately && !has_restored(context.history));
    if (sight.finding || !deep || purpose == Purpose::to_watch) {
        return;
    }
    context.observer.note(
        sight.restarted_lately
            ? "the server was started within the last 10 minutes: reading every row"
            : "reading every row");
    sight.every_row_read = true;
    take_over(sight,
              postgres::read_every_row(target.live(), target.jobs(options.jobs), context.stop));
}

/// What was asked for by name needs no verdict on the live database.
bool verdict_matters(const DbRecoverOptions& options,
                     const std::vector<engine::RungResult>& history) {
    const bool asked = options.restore_anyway || !options.from_run.empty();
    return !options.beside && (!asked || !history.empty());
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
    if (database.data_dir) {
        const auto directory = postgres::inspect_data_directory(*database.data_dir);
        if (sight.probe.state == State::refused) {
            sight.obstacle = postgres::obstacle_to_start(database, directory);
        }
        sight.manager = postgres::find_manager(
            *database.data_dir,
            sight.probe.facts ? sight.probe.facts->shared_preload_libraries : "");
    }
    if (sight.probe.state == State::failing) {
        sight.finding = postgres::classify(sight.probe.sqlstate, sight.probe.evidence);
    }
    const bool ours = !sight.server_mismatch && (!sight.manager || purpose != Purpose::to_act);
    if (sight.probe.state == State::accepting && ours &&
        verdict_matters(options, context.history)) {
        try {
            verify(sight, target, options, context, purpose);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::interrupted) {
                throw;
            }
            // The session broke while we looked: that is what we saw.
            sight.finding = postgres::classify(error);
        }
    }
    return sight;
}

} // namespace drctl::procedures
