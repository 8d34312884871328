// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/backups.hpp"

#include "backup/receipt.hpp"
#include "drctl/error.hpp"
#include "postgres/data_directory.hpp"
#include "postgres/programs.hpp"
#include "postgres/requirements.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <fmt/ranges.h>

namespace drctl::procedures {
namespace {

namespace fs = std::filesystem;

backup::LookContext look_context(const DbTarget& target, system::StopToken stop) {
    return {*target.tools().processes, *target.tools().clock, stop};
}

/// `--before` leaves out what may well be clean, and whoever typed it must know of that.
[[noreturn]] void throw_none_before(const std::string& subject, system::WallTime before,
                                    const backup::Choice& choice, const std::string& reasons) {
    const auto& oldest = *choice.oldest_too_late;
    const bool day_alone = oldest.precision > std::chrono::seconds(1);
    throw Error(
        ErrorCode::refused,
        fmt::format("{}: no clean backup was taken before {}: {} {} newer, the oldest of them "
                    "'{}', of {}{}{}",
                    subject, system::format_rfc3339(before), choice.too_late,
                    choice.too_late == 1 ? "is" : "are", oldest.path.filename().string(),
                    system::format_rfc3339(oldest.taken),
                    day_alone ? " or up to a day later, as its name tells no time of day" : "",
                    reasons.empty() ? "" : "; " + reasons),
        fmt::format("to accept that one: --before {}; or name another file: --backup FILE",
                    system::format_rfc3339(oldest.taken_before())));
}

[[noreturn]] void throw_none_clean(const DbTarget& target, const DbRecoverOptions& options,
                                   const backup::Choice& choice) {
    const auto subject = fmt::format("cannot restore '{}'", target.database().name);
    std::vector<std::string> reasons;
    for (const auto& rejected : choice.rejected) {
        reasons.push_back(
            fmt::format("{}: {}", fs::path(rejected.path).filename().string(), rejected.reason));
    }
    const auto told = fmt::format("{}", fmt::join(reasons, "; "));
    if (options.before && choice.oldest_too_late) {
        throw_none_before(subject, *options.before, choice, told);
    }
    if (reasons.empty()) {
        const auto where = target.database().backups
                               ? fmt::format("'{}'", target.database().backups->dir.string())
                               : std::string("the configuration");
        throw Error(ErrorCode::refused, fmt::format("{}: no backup in {} matches", subject, where),
                    "check backups.dir and backups.pattern, or name a file: --backup FILE");
    }
    throw Error(ErrorCode::refused, fmt::format("{}: no clean backup; {}", subject, told),
                "find another copy of a backup and name it: --backup FILE");
}

} // namespace

fs::path receipts_below(const fs::path& state_directory) {
    return state_directory / "receipts";
}

backup::Candidate named_backup(const config::Database& database, const fs::path& path,
                               const backup::LookContext& context) {
    return backup::candidate_at(path, database.backups ? database.backups->timezone : "UTC",
                                context);
}

std::string what_is_strange(const postgres::dump::Outline& outline, const std::string& dbname,
                            const std::optional<LastSeen>& seen) {
    if (outline.database && *outline.database != dbname) {
        return fmt::format("it is a dump of database '{}'; to restore it all the same, name it: "
                           "--backup FILE",
                           *outline.database);
    }
    if (!seen || seen->relations.empty()) {
        return {};
    }
    const auto lacking =
        std::count_if(seen->relations.begin(), seen->relations.end(), [&](const auto& relation) {
            return !outline.may_have_relation(relation.first);
        });
    // A few tables may be younger than the dump; most of them are not.
    const auto all = static_cast<std::ptrdiff_t>(seen->relations.size());
    if (lacking * 2 <= all) {
        return {};
    }
    return fmt::format(
        "it lacks {} of the {} tables and views that '{}' had when it was last seen: "
        "it may be a dump of a part; to restore it all the same, name it: --backup "
        "FILE",
        lacking, all, dbname);
}

std::string objection_to(const postgres::dump::Outline& outline, const Expectation& expected) {
    if (expected.missing) {
        if (const auto missing = expected.missing(outline); !missing.empty()) {
            return fmt::format("it needs what this server does not have: {}",
                               fmt::join(missing, ", "));
        }
    }
    return expected.named ? std::string()
                          : what_is_strange(outline, expected.dbname, expected.seen);
}

backup::Inspection inspect_for(const Expectation& expected, const backup::Candidate& candidate,
                               const backup::InspectContext& context) {
    auto inspection = backup::inspect(candidate, context);
    if (inspection.clean()) {
        inspection.reason = objection_to(inspection.outline, expected);
    }
    return inspection;
}

std::filesystem::path pg_restore_for(const config::Database& database) {
    constexpr const char* name = "pg_restore";
    if (database.bin_dir) {
        return *database.bin_dir / name; // and if it is not there, that is told
    }
    const auto major = database.data_dir
                           ? postgres::inspect_data_directory(*database.data_dir).major
                           : std::string();
    return postgres::find_server_program(database, major, name).value_or(name);
}

backup::InspectContext inspection_of(const config::Database& database, const Toolbox& tools,
                                     system::StopToken stop) {
    backup::InspectContext context{*tools.processes, *tools.clock, stop};
    context.pg_restore = pg_restore_for(database);
    context.receipts = receipts_below(tools.state_directory);
    return context;
}

std::vector<backup::Candidate> list_backups(const config::Database& database,
                                            const backup::LookContext& context) {
    if (!database.backups) {
        throw Error(ErrorCode::usage,
                    fmt::format("cannot list backups of '{}': none are configured", database.name),
                    fmt::format("add [database.{}.backups] with dir and pattern", database.name));
    }
    return backup::list_candidates(*database.backups, context);
}

backup::Choice choose_backup(const DbTarget& target, const DbRecoverOptions& options,
                             postgres::Connection& server, const std::optional<LastSeen>& seen,
                             engine::Observer& observer, system::StopToken stop) {
    auto context = inspection_of(target.database(), target.tools(), stop);
    context.server_major = server.server_version() / 10000;
    context.progress = [&](std::uint64_t done, std::uint64_t total) {
        observer.progress({engine::Progress::Unit::bytes, "inspecting backups", done, total});
    };
    const auto candidates = options.backup
                                ? std::vector{named_backup(target.database(), *options.backup,
                                                           look_context(target, stop))}
                                : list_backups(target.database(), look_context(target, stop));
    const Expectation expected{target.database().dbname, seen, options.backup.has_value(),
                               [&](const postgres::dump::Outline& outline) {
                                   return postgres::missing_requirements(server, outline);
                               }};
    auto choice = backup::choose(
        candidates, options.before,
        {[&](const auto& candidate) { return backup::date_by_header(candidate, context); },
         [&](const auto& candidate) { return inspect_for(expected, candidate, context); }});
    if (!choice.chosen) {
        throw_none_clean(target, options, choice);
    }
    return choice;
}

backup::Inspection inspect_backup(const DbTarget& target, const fs::path& path,
                                  engine::StepContext& context) {
    auto inspection = inspection_of(target.database(), target.tools(), context.stop());
    inspection.progress = [&](std::uint64_t done, std::uint64_t total) {
        context.observer().progress(
            {engine::Progress::Unit::bytes, "inspecting the backup again", done, total});
    };
    const auto candidate =
        named_backup(target.database(), path, look_context(target, context.stop()));
    return backup::inspect(candidate, inspection);
}

std::vector<std::string> backup_difference(const DbTarget& target, const fs::path& path,
                                           const std::string& sha256, system::StopToken stop) {
    if (!fs::exists(path)) {
        return {fmt::format("the backup '{}' is gone", path.string())};
    }
    const auto candidate = named_backup(target.database(), path, look_context(target, stop));
    const auto now =
        backup::inspect(candidate, inspection_of(target.database(), target.tools(), stop));
    if (now.clean() && now.sha256 == sha256) {
        return {};
    }
    return {fmt::format("the backup '{}' is not the file it was", path.string())};
}

void forget_backup(const DbTarget& target, const fs::path& path) {
    backup::revoke_receipt(receipts_below(target.tools().state_directory), path);
}

} // namespace drctl::procedures
