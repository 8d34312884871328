// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_verify.hpp"

#include "drctl/error.hpp"
#include "engine/reporting.hpp"
#include "postgres/verify.hpp"
#include "procedures/db_recover/sight.hpp"
#include "procedures/db_target.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace drctl::procedures {
namespace {

using State = postgres::ServerProbe::State;

void conclude_badly(Report& report, Outcome outcome, const std::string& summary, std::string hint) {
    engine::conclude(report, outcome, summary);
    report.error = summary;
    report.hint = std::move(hint);
}

std::string recover(const config::Database& database) {
    return fmt::format("see what would be done: drctl db-recover {} --plan", database.name);
}

/// Everything wrong that was seen; damage among it decides.
void conclude_findings(Report& report, const Sight& sight, const config::Database& database) {
    std::vector<postgres::Cause> all{*sight.finding};
    all.insert(all.end(), sight.also_found.begin(), sight.also_found.end());
    std::stable_partition(all.begin(), all.end(),
                          [](const postgres::Cause& cause) { return cause.is_damage(); });
    std::vector<std::string> words;
    for (const auto& cause : all) {
        words.push_back(cause.words);
    }
    report.evidence.insert(report.evidence.begin(), words.begin(), words.end());
    const auto more =
        all.size() == 1 ? std::string() : fmt::format(" (and {} more)", all.size() - 1);
    if (all.front().is_damage()) {
        conclude_badly(report, Outcome::damaged,
                       fmt::format("'{}' is damaged: {}{}", database.name, words.front(), more),
                       recover(database));
    } else {
        conclude_badly(report, Outcome::refused,
                       fmt::format("cannot verify '{}': {}{}", database.name, words.front(), more),
                       all.front().hint);
    }
}

void conclude_accepting(Report& report, const Sight& sight, const config::Database& database) {
    report.evidence = sight.verified;
    if (sight.finding) {
        conclude_findings(report, sight, database);
        return;
    }
    engine::conclude(report, Outcome::healthy, fmt::format("'{}' is healthy", database.name));
    report.not_looked_at = not_looked_at(sight, database);
}

/// The server said something else than "come in".
void conclude_without_session(Report& report, const postgres::ServerProbe& probe,
                              const config::Database& database) {
    const auto hint = probe.hint.empty() ? recover(database) : probe.hint;
    switch (probe.state) {
    case State::database_missing:
        conclude_badly(report, Outcome::damaged,
                       fmt::format("'{}' is gone: {}", database.name, probe.evidence),
                       recover(database));
        break;
    case State::refused:
        conclude_badly(report, Outcome::unreachable, "the server is down: " + probe.evidence,
                       recover(database));
        break;
    case State::starting:
    case State::shutting_down:
    case State::unresponsive:
    case State::unreachable:
        conclude_badly(report, Outcome::unreachable, probe.evidence, hint);
        break;
    default: // alive, but not for us
        conclude_badly(report, Outcome::refused, probe.evidence, hint);
    }
}

/// Looked for only where the rest is well: what is invalid is no news beside damage.
void warn_of_invalid_objects(Report& report, const DbTarget& target, system::StopToken stop) {
    try {
        report.warnings = postgres::find_invalid_objects(target.live(), stop);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted) {
            throw;
        }
        report.not_looked_at.push_back("invalid indexes and constraints: " + error.message());
    }
}

} // namespace

void conclude_verification(Report& report, const Sight& sight, const config::Database& database) {
    const auto& probe = sight.probe;
    if (sight.server_mismatch) {
        conclude_badly(report, Outcome::refused, sight.server_mismatch->words,
                       sight.server_mismatch->hint);
    } else if (probe.state == State::accepting) {
        conclude_accepting(report, sight, database);
    } else if (sight.finding) {
        conclude_findings(report, sight, database);
    } else {
        conclude_without_session(report, probe, database);
    }
}

Report verify_database(const config::LoadedConfig& configuration, const std::string& name,
                       const Toolbox& tools, engine::Observer& observer, system::StopToken stop) {
    Report report;
    report.procedure = "db-verify";
    report.target = name;
    report.version = version();
    report.started = tools.clock->wall();
    const DbTarget target(configuration.config, name, tools, stop);
    report.config_sha256 = engine::configuration_digest(
        config::relevant_settings(configuration.document, {"database", name}));
    const engine::Facts no_facts;
    const std::vector<engine::RungResult> no_history;
    const std::string no_run;
    const auto sight =
        look_at(target, DbRecoverOptions{},
                {*tools.clock, stop, observer, no_facts, no_history, no_run}, Purpose::to_verify);
    conclude_verification(report, sight, target.database());
    if (report.outcome == Outcome::healthy) {
        warn_of_invalid_objects(report, target, stop);
    }
    report.finished = tools.clock->wall();
    return report;
}

} // namespace drctl::procedures
