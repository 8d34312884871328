// SPDX-License-Identifier: Apache-2.0
#include "drctl/error.hpp"
#include "engine/hold.hpp"
#include "engine/lock.hpp"
#include "procedures/db_recover/facts.hpp"
#include "procedures/status/looks.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <set>
#include <unistd.h>

namespace drctl::procedures {
namespace {

using State = StatusItem::State;
using Phase = engine::RunRecord::Phase;

StatusItem item_of(State state, const char* kind, std::string name, std::string summary,
                   std::string next) {
    StatusItem item;
    item.state = state;
    item.kind = kind;
    item.name = std::move(name);
    item.summary = std::move(summary);
    item.next = std::move(next);
    return item;
}

StatusItem item_of(const engine::RunRecord& run, bool alive) {
    const auto& header = run.header;
    const auto what = fmt::format("{} {}", header.procedure, header.target);
    auto item = alive ? item_of(State::notice, "run", header.run, what + " is under way",
                                "drctl runs follow " + header.run)
                      : item_of(State::bad, "run", header.run,
                                what + (run.phase == Phase::interrupted
                                            ? " was interrupted and has not ended"
                                            : " has not ended, and its process is gone"),
                                "drctl " + what);
    if (!alive && run.phase == Phase::undo_requested) {
        item.summary = what + " is being taken back, and the process that did it is gone";
        item.next = "drctl runs undo " + header.run;
    }
    item.since = system::parse_rfc3339(header.started);
    return item;
}

/// The database that a run has made or moved aside, under the OID that its journal has.
void note_copy(RunsLook& look, const engine::RunRecord& run, const char* oid_fact,
               const char* name_fact, bool kept) {
    const auto oid = oid_of(run.facts, oid_fact);
    const auto name = run.facts.get(name_fact).value_or("");
    if (oid && !name.empty() && !run.pruned) {
        look.copies[*oid] = {name, run.header.run, system::parse_rfc3339(run.header.started), kept};
    }
}

void look_at_run(RunsLook& look, const engine::RunStore& store, const std::string& id,
                 const std::set<std::string>& alive) {
    try {
        const auto run = store.read(id);
        if (run.unfinished()) {
            look.items.push_back(item_of(run, alive.count(id) != 0));
            note_copy(look, run, fact::copy_oid, fact::copy_name, false);
        } else {
            note_copy(look, run, fact::kept_oid, fact::kept_name, true);
        }
    } catch (const Error& error) {
        look.items.push_back(item_of(State::bad, "run", id, error.message(), error.hint()));
    }
}

void look_at_holds(RunsLook& look, const engine::RunStore& store, const Toolbox& tools) {
    for (const auto& hold : engine::Holds(store.holds_directory(), *tools.clock).list()) {
        look.items.push_back(
            item_of(State::notice, "hold", hold.target,
                    fmt::format("held until {} by {}: {}", system::format_rfc3339(hold.until),
                                hold.by, hold.reason),
                    "drctl unhold " + hold.target));
    }
}

StatusItem kept_item(const RunsLook::Copy& copy) {
    auto item = item_of(State::notice, "kept", copy.name,
                        copy.kept ? "kept by run " + copy.run
                                  : "made by run " + copy.run + ", which has not ended",
                        copy.kept ? "drctl runs prune " + copy.run : "");
    item.since = copy.started;
    return item;
}

} // namespace

RunsLook look_at_runs(const Toolbox& tools) {
    const engine::RunStore store(tools.state_directory, *tools.clock);
    RunsLook look;
    if (::access(tools.state_directory.c_str(), R_OK | X_OK) != 0) {
        if (errno != ENOENT) {
            look.items.push_back(
                item_of(State::unknown, "run", tools.state_directory.string(),
                        fmt::format("runs and holds cannot be read: {}", std::strerror(errno)),
                        "run drctl with sudo, or let group drctl read that directory"));
        }
        return look;
    }
    std::set<std::string> alive;
    for (const auto& holder : engine::lock_holders(store.locks_directory())) {
        alive.insert(holder.run);
    }
    for (const auto& id : store.ids()) {
        look_at_run(look, store, id, alive);
    }
    look_at_holds(look, store, tools);
    return look;
}

StatusItems kept_databases(const RunsLook& runs, const std::vector<DatabaseLook>& looks) {
    std::map<std::pair<postgres::Oid, std::string>, StatusItem> found;
    for (const auto& [oid, copy] : runs.copies) {
        found.emplace(std::pair(oid, copy.name), kept_item(copy));
    }
    for (const auto& look : looks) {
        for (const auto& database : look.made_by_runs) {
            // A server may know the copy by another name than the journal: OIDs decide.
            const auto copy = runs.copies.find(database.oid);
            const bool known = copy != runs.copies.end();
            auto& item = found[{database.oid, known ? copy->second.name : database.name}];
            if (!known) {
                item = item_of(State::notice, "kept", database.name,
                               "looks like the copy of a run, but no journal here knows it", "");
            }
            item.bytes = database.bytes;
        }
    }
    StatusItems items;
    for (auto& [key, item] : found) {
        items.push_back(std::move(item));
    }
    return items;
}

} // namespace drctl::procedures
