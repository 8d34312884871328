// SPDX-License-Identifier: Apache-2.0
#include "drctl/error.hpp"
#include "postgres/control_file.hpp"
#include "procedures/db_recover/sight.hpp"
#include "procedures/db_target.hpp"
#include "procedures/status/looks.hpp"
#include "system/users.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace drctl::procedures {
namespace {

using Probe = postgres::ServerProbe::State;
using State = StatusItem::State;
using Verdict = engine::Assessment::Verdict;

std::string in_words(const Sight& sight, const config::Database& database) {
    auto words = database.verify.empty()
                     ? std::string("answers; no verification query is configured")
                     : fmt::format("{}", fmt::join(sight.verified, "; "));
    if (sight.restarted_lately) {
        words += fmt::format("; came up within the last 10 minutes, 'drctl db-verify {}' reads "
                             "every row",
                             database.name);
    }
    return words;
}

/// A standby is no target of a recovery, but may well be what is configured here.
void judge_standby(StatusItem& item, const Sight& sight, const config::Database& database) {
    if (sight.finding) {
        item.state = State::bad;
        item.summary = "standby: " + sight.finding->words;
        item.next = "see whether its primary has the same: drctl db-verify there";
    } else {
        item.state = State::good;
        item.summary = "standby; " + in_words(sight, database);
    }
}

/// Alive, but not for us: nothing is known to be wrong.
bool tells_nothing(Probe state) {
    return state == Probe::authentication_failed || state == Probe::unreachable;
}

/// A server that was shut down in order says when.
std::optional<system::WallTime> down_since(const Sight& sight, const config::Database& database) {
    if (sight.probe.state != Probe::refused || !database.data_dir) {
        return std::nullopt;
    }
    const auto control = postgres::read_control_file(*database.data_dir);
    const bool good = control.state == postgres::ControlFileReading::State::good;
    return good && control.content.cleanly_shut_down() ? std::optional(control.content.written)
                                                       : std::nullopt;
}

std::vector<postgres::DatabaseSize> made_by_runs(const DbTarget& target, system::StopToken stop) {
    try {
        auto server = target.connect_maintenance(stop);
        return postgres::databases_made_by_runs(server);
    } catch (const Error&) {
        return {}; // the journals know most of it, and the database's own item says what is wrong
    }
}

} // namespace

StatusItem status_of(Sight sight, const config::Database& database) {
    StatusItem item;
    item.kind = "database";
    item.name = database.name;
    // Who manages a server matters to those who want to change it, not to how it is.
    const auto manager = std::exchange(sight.manager, std::nullopt);
    const auto& probe = sight.probe;
    if (probe.state == Probe::accepting && probe.facts && probe.facts->in_recovery &&
        !sight.server_mismatch) {
        judge_standby(item, sight, database);
        return item;
    }
    const auto seen = judge(sight, database, DbRecoverOptions{}, {});
    item.summary = seen.summary;
    switch (seen.verdict) {
    case Verdict::healthy:
        item.state = State::good;
        item.summary = in_words(sight, database);
        return item;
    case Verdict::needs_rung:
        item.state = State::bad;
        item.next = "drctl db-recover " + database.name;
        break;
    case Verdict::blocked:
        item.state = tells_nothing(probe.state) ? State::unknown : State::bad;
        item.next = seen.hint;
        break;
    }
    if (manager) {
        item.next = manager->hint;
    }
    return item;
}

StatusItem status_for_outsiders(Sight sight, const config::Database& database) {
    const bool damaged = sight.finding && sight.finding->is_damage();
    if (sight.obstacle && !sight.obstacle->is_damage()) {
        sight.obstacle.reset(); // the files are hidden from us, not from the server
    }
    auto item = status_of(sight, database);
    const bool down = sight.probe.state == Probe::refused;
    if (!item.is_good() && !damaged && !down) {
        item.state = State::unknown;
        item.next = "sudo drctl status";
    }
    return item;
}

DatabaseLook look_at_database(config::Config configuration, const std::string& name,
                              const Toolbox& tools, system::StopToken stop) {
    auto& account = configuration.databases.at(name).os_user;
    const auto ourselves = system::current_user().name;
    const bool outsider = !system::running_as_root() && account != ourselves;
    if (outsider) {
        account = ourselves;
    }
    const DbTarget target(std::move(configuration), name, tools, stop);
    engine::Observer nobody;
    const engine::Facts no_facts;
    const std::vector<engine::RungResult> no_history;
    const std::string no_run;
    const auto sight =
        look_at(target, DbRecoverOptions{},
                {*tools.clock, stop, nobody, no_facts, no_history, no_run}, Purpose::to_watch);
    DatabaseLook look{outsider ? status_for_outsiders(sight, target.database())
                               : status_of(sight, target.database()),
                      {}};
    look.item.since = down_since(sight, target.database());
    if (sight.probe.facts) {
        look.made_by_runs = made_by_runs(target, stop);
    }
    return look;
}

} // namespace drctl::procedures
