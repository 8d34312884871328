// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "backup/choice.hpp"
#include "backup/inspection.hpp"
#include "engine/step.hpp"
#include "procedures/db_recover/last_seen.hpp"
#include "procedures/db_recover/options.hpp"
#include "procedures/db_target.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Backups as a database's configuration has them.
namespace drctl::procedures {

/// Where receipts are kept.
[[nodiscard]] std::filesystem::path receipts_below(const std::filesystem::path& state_directory);

/// The pg_restore of `bin_dir`, else of the server's version, if it is found; else the name alone,
/// for $PATH.
[[nodiscard]] std::filesystem::path pg_restore_for(const config::Database& database);

/// How backups of this database are inspected: pg_restore and receipts as configured.
[[nodiscard]] backup::InspectContext inspection_of(const config::Database& database,
                                                   const Toolbox& tools, system::StopToken stop);

/// Every candidate, newest first. Throws Error(refused) if there is no directory, Error(usage) if
/// none is configured.
[[nodiscard]] std::vector<backup::Candidate> list_backups(const config::Database& database,
                                                          const backup::LookContext& context);

/// A backup that was named, wherever it lies; read as those of the database are.
[[nodiscard]] backup::Candidate named_backup(const config::Database& database,
                                             const std::filesystem::path& path,
                                             const backup::LookContext& context);

/// Why a whole dump that nobody named is not taken for a backup of this database: it is of another
/// one, or of a small part of what was there when it was last seen. Empty: nothing strange.
[[nodiscard]] std::string what_is_strange(const postgres::dump::Outline& outline,
                                          const std::string& dbname,
                                          const std::optional<LastSeen>& seen);

/// What a whole dump is held against before it is taken for a backup of a database.
struct Expectation {
    std::string dbname;
    std::optional<LastSeen> seen;
    /// Somebody has named the file, and so says that it is the one, however strange it looks.
    bool named = false;
    /// What it needs and the server does not have (`role x`); not set: no server can be asked.
    std::function<std::vector<std::string>(const postgres::dump::Outline&)> missing = {};
};

/// Why a whole dump is not what is expected; empty: it is.
[[nodiscard]] std::string objection_to(const postgres::dump::Outline& outline,
                                       const Expectation& expected);

/// Inspects a backup, and rejects also one that is whole but not what is expected.
[[nodiscard]] backup::Inspection inspect_for(const Expectation& expected,
                                             const backup::Candidate& candidate,
                                             const backup::InspectContext& context);

/// The newest clean backup that this server can take and that is not strange, or the one that was
/// named. Shows progress. Throws Error(refused), with every reason, if there is none.
[[nodiscard]] backup::Choice choose_backup(const DbTarget& target, const DbRecoverOptions& options,
                                           postgres::Connection& server,
                                           const std::optional<LastSeen>& seen,
                                           engine::Observer& observer, system::StopToken stop);

/// One backup again, from its receipt if it has not changed.
[[nodiscard]] backup::Inspection inspect_backup(const DbTarget& target,
                                                const std::filesystem::path& path,
                                                engine::StepContext& context);

/// What is no longer as it was about the backup a run was planned with; empty if nothing.
[[nodiscard]] std::vector<std::string> backup_difference(const DbTarget& target,
                                                         const std::filesystem::path& path,
                                                         const std::string& sha256,
                                                         system::StopToken stop);

/// Revokes the receipt of a backup that turned out to be another one.
void forget_backup(const DbTarget& target, const std::filesystem::path& path);

} // namespace drctl::procedures
