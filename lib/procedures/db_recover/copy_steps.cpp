// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/copy_steps.hpp"

#include "backup/content.hpp"
#include "drctl/error.hpp"
#include "postgres/database.hpp"
#include "postgres/database_names.hpp"
#include "postgres/restore/restore.hpp"
#include "postgres/verify.hpp"
#include "procedures/db_recover/backups.hpp"
#include "procedures/db_recover/facts.hpp"
#include "procedures/db_recover/last_seen.hpp"
#include "system/units.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace drctl::procedures {
namespace {

using engine::CheckResult;
using engine::StepContext;
using engine::UndoReason;
using postgres::Oid;

/// For a database that nobody has seen before it was gone.
postgres::DatabaseProperties default_properties(postgres::Connection& server,
                                                const std::string& owner,
                                                const std::string& encoding) {
    auto properties =
        postgres::read_properties(server, "template0").value_or(postgres::DatabaseProperties{});
    properties.oid = 0;
    properties.owner = owner;
    properties.grants.reset();
    properties.settings.clear();
    properties.comment.reset();
    properties.is_template = false;
    if (!encoding.empty() && encoding != properties.encoding) {
        // The locale of template0 need not go with another encoding; C goes with each.
        properties.encoding = encoding;
        properties.locale_provider = "libc";
        properties.provider_locale.reset();
        properties.icu_rules.reset();
        properties.collate = properties.ctype = "C";
    }
    return properties;
}

/// Of a database that is gone.
CarriedProperties properties_of_lost(postgres::Connection& server, const DbTarget& target,
                                     const std::string& owner, const std::string& encoding) {
    const auto& name = target.database().name;
    if (auto seen = read_last_seen(target.tools().state_directory, name,
                                   postgres::read_server_facts(server).system_identifier)) {
        return {std::move(seen->properties),
                {fmt::format("owner, privileges and settings of '{}' are as last seen {}", name,
                             system::format_rfc3339(seen->when))}};
    }
    auto made = default_properties(server, owner, encoding);
    auto remark = fmt::format(
        "nobody has seen '{}' before it was gone: it will belong to '{}', with encoding {}, "
        "locale {}, and without privileges and settings of its own",
        name, made.owner, made.encoding, made.collate);
    return {std::move(made), {std::move(remark)}};
}

[[noreturn]] void throw_changed(const std::filesystem::path& backup) {
    throw Error(ErrorCode::failed,
                fmt::format("cannot use backup '{}': it is no longer the file that was inspected",
                            backup.string()),
                "find out who changes backups; then type the same command again");
}

} // namespace

CarriedProperties properties_to_carry(postgres::Connection& server, const DbTarget& target,
                                      std::optional<Oid> live, const std::string& encoding) {
    const auto ourselves = server.exec("SELECT current_user").string(0, 0);
    auto found = postgres::read_properties(server, target.database().dbname);
    auto carried = found && live == found->oid
                       ? CarriedProperties{std::move(*found), {}}
                       : properties_of_lost(server, target, ourselves, encoding);
    for (auto& remark :
         leave_out_what_is_gone(carried.properties, server_objects(server), ourselves)) {
        carried.remarks.push_back(std::move(remark));
    }
    return carried;
}

std::string RestoreCopy::title() const {
    return fmt::format("restore {} into a database beside '{}'", backup_.filename().string(),
                       target_.database().dbname);
}

CheckResult RestoreCopy::check(StepContext& context) {
    const auto complete = context.facts().get(fact::copy_complete);
    const auto oid = oid_of(context.facts(), fact::copy_oid);
    if (!complete || complete->empty() || !oid) {
        return CheckResult::needed("there is no whole copy yet");
    }
    auto server = target_.connect_maintenance(context.stop());
    const auto name = postgres::database_name(server, *oid);
    return name ? CheckResult::satisfied(fmt::format("'{}': {}", *name, *complete))
                : CheckResult::needed("the copy is gone");
}

void RestoreCopy::apply(StepContext& context) {
    const auto inspection = inspect_backup(target_, backup_, context);
    if (!inspection.clean() || inspection.sha256 != context.facts().require(fact::backup_sha256)) {
        throw_changed(backup_);
    }
    auto server = target_.connect_maintenance(context.stop());
    postgres::take_advisory_lock(server, target_.database().name);
    drop_half_made(server, context);

    const auto properties =
        properties_to_carry(server, target_, oid_of(context.facts(), fact::live_oid),
                            inspection.outline.encoding)
            .properties;
    const auto name = context.facts().require(fact::copy_name);
    postgres::create_database_like(server, name, properties);
    const auto oid = postgres::find_database(server, name).value_or(0);
    context.record(fact::copy_oid, std::to_string(oid));
    context.record(fact::kept_name, name);
    context.record(fact::kept_oid, std::to_string(oid));

    const auto filled = fill(inspection, context);
    postgres::apply_properties(server, name, properties);
    context.record(fact::copy_complete, filled);
}

/// A copy that a dead process left: found by its OID, and by its name where it died before it could
/// say the OID.
void RestoreCopy::drop_half_made(postgres::Connection& server, StepContext& context) {
    context.record(fact::copy_complete, "");
    if (const auto oid = oid_of(context.facts(), fact::copy_oid)) {
        postgres::drop_database_of_run(server, *oid);
    }
    const auto name = context.facts().require(fact::copy_name);
    if (const auto oid = postgres::find_database(server, name)) {
        postgres::drop_database_of_run(server, *oid);
    }
}

std::string RestoreCopy::fill(const backup::Inspection& inspection, StepContext& context) {
    postgres::restore::RestoreOptions options;
    options.jobs = target_.jobs(jobs_);
    options.bin_dir = pg_restore_for(target_.database()).parent_path();
    const auto copy = target_.live().with_dbname(context.facts().require(fact::copy_name));
    auto progress = [&](const engine::Progress& done) { context.observer().progress(done); };
    const auto result = inspection.format == backup::Format::plain
                            ? postgres::restore::restore_plain(copy, backup_, inspection.outline,
                                                               options, progress, context.stop())
                            : postgres::restore::restore_archive(copy, backup_, inspection.outline,
                                                                 options, progress, context.stop());
    const auto digest = inspection.format == backup::Format::directory
                            ? backup::digest_of_directory(backup_)
                            : result.digest;
    if (!digest.empty() && digest != inspection.sha256) {
        forget_backup(target_, backup_);
        throw_changed(backup_);
    }
    for (const auto& name : result.subscriptions) {
        context.observer().warning("subscription " + name + " is restored disabled");
    }
    for (const auto& words : postgres::restore::in_words(result.tolerated)) {
        context.observer().warning("passed over: " + words);
    }
    auto words = fmt::format("{} rows restored", result.rows);
    if (!result.tolerated.empty()) {
        words += fmt::format(", {} harmless errors passed over", result.tolerated.size());
    }
    return words;
}

void RestoreCopy::undo(StepContext& context, UndoReason) {
    if (!context.facts().get(fact::was_public).value_or("").empty()) {
        return; // it is kept
    }
    auto server = target_.connect_maintenance(context.stop());
    drop_half_made(server, context);
    context.record(fact::kept_name, "");
}

std::string VerifyDatabase::title() const {
    return which_ == Which::copy ? std::string("verify the copy")
                                 : fmt::format("verify '{}'", target_.database().dbname);
}

CheckResult VerifyDatabase::check(StepContext&) {
    return evidence_.empty() ? CheckResult::needed("not verified by this process")
                             : CheckResult::satisfied(evidence_);
}

/// With the backup, as long as it is the file from which the copy was made.
void VerifyDatabase::compare(const postgres::Target& copy, postgres::Verification& found,
                             StepContext& context) {
    const auto path = context.facts().require(fact::backup_path);
    const auto inspection = inspect_backup(target_, path, context);
    if (!inspection.clean() || inspection.sha256 != context.facts().require(fact::backup_sha256)) {
        context.observer().warning(fmt::format(
            "the rows of the copy are not compared with backup '{}': it is gone or changed", path));
        found.good.emplace_back("not compared with the backup, which is gone or changed");
        return;
    }
    auto compared = postgres::compare_with_dump(copy, inspection.outline, context.stop());
    found.wrong = std::move(compared.wrong);
    found.good.insert(found.good.end(), compared.good.begin(), compared.good.end());
}

void VerifyDatabase::apply(StepContext& context) {
    auto database = target_.live();
    if (which_ == Which::copy) {
        auto server = target_.connect_maintenance(context.stop());
        const auto oid = oid_of(context.facts(), fact::copy_oid).value_or(0);
        const auto name = postgres::database_name(server, oid);
        if (!name) {
            throw Error(ErrorCode::failed, "cannot verify the copy: it is gone",
                        "type the same command again to make another one");
        }
        database = target_.live().with_dbname(*name);
    }
    auto found = postgres::run_queries(database, target_.database().verify, context.stop());
    if (!found.wrong && which_ == Which::copy) {
        compare(database, found, context);
    }
    if (found.wrong) {
        throw Error(ErrorCode::failed, fmt::format("cannot {}: {}", title(), found.wrong->words),
                    found.wrong->hint.empty() ? "try an older backup: --before TIME"
                                              : found.wrong->hint);
    }
    evidence_ = found.good.empty() ? "it answers; no verification query is configured"
                                   : fmt::format("{}", fmt::join(found.good, "; "));
}

} // namespace drctl::procedures
