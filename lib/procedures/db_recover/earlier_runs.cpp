// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/earlier_runs.hpp"

#include "drctl/error.hpp"
#include "engine/run_store.hpp"
#include "postgres/database.hpp"
#include "postgres/server.hpp"
#include "procedures/db_recover/backups.hpp"
#include "procedures/db_recover/copy_steps.hpp"
#include "procedures/db_recover/facts.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <utility>

namespace drctl::procedures {
namespace {

/// True for a run that has put another database in the place of this one, whatever came after.
bool has_swapped(const engine::RunRecord& run) {
    const auto swapped = [](const engine::StepRecord& step) {
        return step.info.id == SwapDatabases::step_id &&
               step.state == engine::StepRecord::State::done;
    };
    return std::any_of(run.rungs.begin(), run.rungs.end(), [&](const engine::RungRecord& rung) {
        return std::any_of(rung.steps.begin(), rung.steps.end(), swapped);
    });
}

/// What `ask` answers of the newest run of this procedure and target of which it answers anything.
template <typename Ask>
auto from_newest(const DbTarget& target, const system::Clock& clock, Ask ask)
    -> decltype(ask(std::declval<const engine::RunRecord&>())) {
    const engine::RunStore store(target.tools().state_directory, clock);
    const auto ids = store.ids();
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
        try {
            const auto run = store.read(*id);
            const bool ours =
                run.header.procedure == "db-recover" && run.header.target == target.database().name;
            if (auto answer = ours ? ask(run) : std::nullopt) {
                return answer;
            }
        } catch (const Error&) {
            continue; // a journal that cannot be read is told elsewhere
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string> restored_lately(const DbTarget& target, const system::Clock& clock) {
    return from_newest(target, clock, [&](const engine::RunRecord& run) {
        const auto began = system::parse_rfc3339(run.header.started);
        const auto ended = run.report ? run.report->finished : began;
        const bool lately = ended && clock.wall() - *ended < target.database().restore_again_after;
        return lately && has_swapped(run) ? std::optional(run.header.run) : std::nullopt;
    });
}

std::optional<RestorePace> latest_pace(const DbTarget& target, const system::Clock& clock) {
    return from_newest(target, clock, pace_of);
}

void require_usable_copy(const engine::RunRecord& run, const DbTarget& target,
                         postgres::Connection& server, system::StopToken stop) {
    const auto& name = target.database().name;
    const auto& dbname = target.database().dbname;
    auto refuse = [&](const std::string& why, const std::string& hint) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot swap in the copy of run {}: {}", run.header.run, why),
                    hint);
    };
    const auto again = "make another one: drctl db-recover " + name + " --beside";
    const auto oid = oid_of(run.facts, fact::copy_oid);
    const auto whole = run.facts.get(fact::copy_complete).value_or("");
    if (run.header.target != name || !oid || whole.empty() || !run.backup) {
        refuse(fmt::format("it has made no whole copy of '{}'", name), again);
    }
    const auto identity = postgres::read_server_facts(server).system_identifier;
    if (run.facts.get(engine::fact::identity).value_or("") !=
        (identity ? std::to_string(*identity) : "")) {
        refuse("it was made in another cluster", again);
    }
    const auto copy = postgres::database_name(server, *oid);
    if (!copy) {
        refuse(run.pruned ? "it has been pruned" : "it is gone", again);
    }
    if (*copy == dbname) {
        refuse(fmt::format("it is '{}' already", dbname),
               "to go back to what it replaced: drctl runs undo");
    }
    const auto changed = backup_difference(target, run.facts.require(fact::backup_path),
                                           run.facts.require(fact::backup_sha256), stop);
    if (!changed.empty()) {
        refuse(fmt::format("it cannot be compared any more: {}", changed.front()), again);
    }
}

} // namespace drctl::procedures
