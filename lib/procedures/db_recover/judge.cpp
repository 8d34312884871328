// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/judge.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <fmt/ranges.h>

namespace drctl::procedures {
namespace {

using engine::Assessment;
using Probe = postgres::ServerProbe::State;
using Scope = postgres::DamageScope;

Assessment blocked(std::string summary, std::string hint, ErrorCode as = ErrorCode::refused) {
    Assessment seen;
    seen.verdict = Assessment::Verdict::blocked;
    seen.blocked_as = as;
    seen.summary = std::move(summary);
    seen.hint = std::move(hint);
    return seen;
}

Assessment needs(const char* rung, std::string summary) {
    Assessment seen;
    seen.verdict = Assessment::Verdict::needs_rung;
    seen.rung = rung;
    seen.summary = std::move(summary);
    return seen;
}

/// One question about a target, asked of what was seen.
class Judge {
  public:
    Judge(const Sight& sight, const config::Database& database, const DbRecoverOptions& options,
          const std::vector<engine::RungResult>& history)
        : sight_(sight), database_(database), options_(options), history_(history) {}

    Assessment judge() const;

  private:
    Assessment judge_accepting() const;
    Assessment judge_healthy() const;
    Assessment judge_unhealthy() const;
    Assessment judge_missing() const;
    Assessment judge_down() const;
    Assessment judge_finding(const postgres::Cause& finding) const;
    Assessment judge_no_start(const postgres::Cause& cause) const;
    [[nodiscard]] std::optional<Assessment> not_the_one_meant() const;
    Assessment restore(const std::string& why) const;
    [[nodiscard]] std::optional<Assessment> asked_for() const;
    [[nodiscard]] bool done(const char* rung) const;
    [[nodiscard]] bool tried(const char* rung) const;

    const Sight& sight_;
    const config::Database& database_;
    const DbRecoverOptions& options_;
    const std::vector<engine::RungResult>& history_;
};

bool Judge::done(const char* rung) const {
    return std::any_of(history_.begin(), history_.end(), [&](const engine::RungResult& result) {
        return result.rung == rung && result.succeeded;
    });
}

bool Judge::tried(const char* rung) const {
    return std::any_of(history_.begin(), history_.end(),
                       [&](const engine::RungResult& result) { return result.rung == rung; });
}

Assessment Judge::judge() const {
    if (sight_.manager) {
        return blocked(fmt::format("cannot touch '{}': {} manages it ({})", database_.name,
                                   sight_.manager->name, sight_.manager->evidence),
                       sight_.manager->hint);
    }
    if (const auto other = not_the_one_meant()) {
        return *other;
    }
    const auto& probe = sight_.probe;
    switch (probe.state) {
    case Probe::accepting:
        return judge_accepting();
    case Probe::starting:
        return needs(rung::wait, "the server is starting: " + probe.evidence);
    case Probe::database_missing:
        return judge_missing();
    case Probe::refused:
        return judge_down();
    case Probe::failing:
        if (options_.beside) {
            return *asked_for();
        }
        return sight_.finding ? judge_finding(*sight_.finding)
                              : blocked(probe.evidence, probe.hint);
    case Probe::unreachable:
        return blocked(probe.evidence, probe.hint, ErrorCode::unreachable);
    case Probe::shutting_down:
        return blocked("the server is shutting down: " + probe.evidence,
                       "somebody stops it; once it is down, type the same command again");
    case Probe::too_many_clients:
    case Probe::authentication_failed:
    case Probe::closed_database:
    case Probe::unresponsive:
        break;
    }
    // Alive, but not for us: no reason to touch anything.
    return blocked(probe.evidence, probe.hint);
}

/// A server that tells who it is may be another one, or only follow another.
std::optional<Assessment> Judge::not_the_one_meant() const {
    if (sight_.server_mismatch) {
        return blocked(sight_.server_mismatch->words, sight_.server_mismatch->hint);
    }
    if (sight_.probe.facts && sight_.probe.facts->in_recovery) {
        return blocked(fmt::format("'{}' is a standby: {}", database_.name, sight_.probe.evidence),
                       "recover its primary instead");
    }
    return std::nullopt;
}

Assessment Judge::judge_accepting() const {
    if (const auto asked = asked_for()) {
        return *asked;
    }
    if (sight_.finding) {
        return judge_finding(*sight_.finding);
    }
    return sight_.unhealthy ? judge_unhealthy() : judge_healthy();
}

/// The database is good again, and the application does not see it.
Assessment Judge::judge_unhealthy() const {
    return blocked(fmt::format("'{}' is good, but {}", database_.name, *sight_.unhealthy),
                   "nothing more can be done for the database; look at that service",
                   ErrorCode::failed);
}

/// What was asked for by name is done although the database may be healthy, but only once.
std::optional<Assessment> Judge::asked_for() const {
    if (options_.beside && !done(rung::beside)) {
        return needs(rung::beside, "a copy was asked for (--beside)");
    }
    if (!options_.from_run.empty() && !done(rung::swap_copy)) {
        return needs(rung::swap_copy,
                     fmt::format("the copy of run {} was asked for", options_.from_run));
    }
    if (options_.restore_anyway && !done(rung::restore_database)) {
        return restore("a restore was asked for (--restore-anyway)");
    }
    if (options_.beside) {
        Assessment copied;
        copied.verdict = Assessment::Verdict::healthy;
        copied.summary =
            fmt::format("a copy stands beside '{}', which is as it was", database_.name);
        copied.not_looked_at.emplace_back("whether the database itself is good");
        return copied;
    }
    return std::nullopt;
}

Assessment Judge::judge_healthy() const {
    Assessment seen;
    seen.verdict = Assessment::Verdict::healthy;
    seen.summary = fmt::format("'{}' is healthy", database_.name);
    seen.evidence = sight_.verified;
    seen.not_looked_at = not_looked_at(sight_, database_);
    return seen;
}

Assessment Judge::judge_missing() const {
    if (options_.beside) {
        return *asked_for();
    }
    if (sight_.finding) {
        return judge_finding(*sight_.finding);
    }
    if (sight_.probe.in_catalogue) {
        return restore("the files of the database are gone: " + sight_.probe.evidence);
    }
    return restore("the database is gone: " + sight_.probe.evidence);
}

Assessment Judge::judge_finding(const postgres::Cause& finding) const {
    switch (finding.scope) {
    case Scope::none:
        return blocked(finding.words, finding.hint);
    case Scope::index:
        return blocked("damage was seen in indexes only, which loses no rows: " + finding.words,
                       fmt::format("rebuild them: reindexdb --concurrently -d {0}; this version of "
                                   "drctl does not do it by itself. Then read every row: drctl "
                                   "db-recover {1} --verify full",
                                   database_.dbname, database_.name));
    case Scope::database:
        return restore(finding.words);
    case Scope::cluster:
        return blocked("the damage reaches beyond this database: " + finding.words,
                       "keep a copy of the data directory and restore the whole cluster by hand; "
                       "this version of drctl does not do it by itself");
    }
    return blocked(finding.words, finding.hint);
}

Assessment Judge::restore(const std::string& why) const {
    if (options_.into == DbRecoverOptions::Into::cluster) {
        return blocked("cannot restore into a new cluster: this version of drctl restores into "
                       "the running server only",
                       "leave --into out, or say --into database");
    }
    if (!options_.from_run.empty()) {
        return needs(rung::swap_copy, why);
    }
    if (!database_.backups && !options_.backup) {
        return blocked(why + "; and no backups are configured",
                       fmt::format("add [database.{}.backups] with dir and pattern, or name a "
                                   "dump: --backup FILE",
                                   database_.name));
    }
    return needs(rung::restore_database, why);
}

/// A server that does not come up takes no restore and rebuilds no index, however little of it is
/// damaged.
Assessment Judge::judge_no_start(const postgres::Cause& cause) const {
    if (cause.scope == Scope::none || cause.scope == Scope::cluster) {
        return judge_finding(cause);
    }
    return blocked("damage keeps the whole server from starting: " + cause.words,
                   "keep a copy of the data directory; then restore the whole cluster by hand, "
                   "which this version of drctl does not do by itself, or bring the server up past "
                   "that damage (ignore_invalid_pages, zero_damaged_pages) and type the same "
                   "command again");
}

Assessment Judge::judge_down() const {
    if (sight_.obstacle) {
        return judge_no_start(*sight_.obstacle);
    }
    if (sight_.cannot_start) {
        return judge_no_start(*sight_.cannot_start);
    }
    if (tried(rung::start)) {
        return blocked("the server was started and is down again: " + sight_.probe.evidence,
                       "look at its log", ErrorCode::failed);
    }
    if (!database_.server) {
        return blocked("the server is down: " + sight_.probe.evidence,
                       fmt::format("start it, or name its service in [database.{}]: server = …",
                                   database_.name));
    }
    return needs(rung::start, "the server is down: " + sight_.probe.evidence);
}

} // namespace

std::vector<std::string> not_looked_at(const Sight& sight, const config::Database& database) {
    std::vector<std::string> missed;
    if (!sight.every_row_read) {
        missed.emplace_back("rows that the verification queries do not read");
    }
    missed.emplace_back("page checksums");
    if (!sight.health_seen && !database.health.empty()) {
        missed.push_back(fmt::format("health of {}", fmt::join(database.health, ", ")));
    }
    if (database.verify.empty()) {
        missed.emplace_back("the content: no [[database." + database.name +
                            ".verify]] query is configured");
    }
    return missed;
}

engine::Assessment judge(const Sight& sight, const config::Database& database,
                         const DbRecoverOptions& options,
                         const std::vector<engine::RungResult>& history) {
    return Judge(sight, database, options, history).judge();
}

} // namespace drctl::procedures
