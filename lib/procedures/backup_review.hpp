// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "backup/candidate.hpp"
#include "config/types.hpp"
#include "drctl/export.hpp"
#include "engine/observer.hpp"
#include "procedures/toolbox.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A database's backups for those who want to know rather than to restore.
namespace drctl::procedures {

/// A backup and the verdict on it.
struct ReviewedBackup {
    enum class State {
        clean,
        rejected,
        not_judged,    ///< it cannot be looked at: being written, not readable for us
        not_inspected, ///< nobody has looked yet
    };

    backup::Candidate candidate;
    State state = State::not_inspected;
    std::string reason; ///< of `rejected` and `not_judged`
    std::string sha256; ///< of `clean`
    std::vector<std::string> notes;
    std::optional<system::WallTime> inspected; ///< when the verdict was found
};

/// As reports have it: `clean`, `not-judged`.
[[nodiscard]] DRCTL_API std::string_view name_of(ReviewedBackup::State state) noexcept;

/// The configured backups, newest first, with the verdicts of earlier inspections. Opens none of
/// them and needs no server. Throws Error(usage) if none are configured, Error(refused) if their
/// directory cannot be read.
[[nodiscard]] DRCTL_API std::vector<ReviewedBackup>
known_backups(const config::Database& database, const Toolbox& tools, system::StopToken stop);

struct BackupReview {
    std::vector<ReviewedBackup> backups;
    std::vector<std::string> not_looked_at;
};

/// Reads `files`, or all configured backups, to their last byte, whatever receipts say, and writes
/// new receipts. What they need is compared with the server where that lets us in. Throws
/// Error(refused) for a file that is not there or if there is no backup at all, Error(unreachable)
/// where pg_restore is needed and cannot be run, else what known_backups() throws.
[[nodiscard]] DRCTL_API BackupReview verify_backups(const config::Config& configuration,
                                                    const config::Database& database,
                                                    const std::vector<std::filesystem::path>& files,
                                                    const Toolbox& tools,
                                                    engine::Observer& observer,
                                                    system::StopToken stop);

} // namespace drctl::procedures
