// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "system/clock.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace drctl::procedures {

/// What `drctl db-recover` was told beside its target; contract of each in docs/commands.
struct DbRecoverOptions {
    enum class Into { automatic, database, cluster };
    enum class Depth { quick, full };

    std::optional<std::filesystem::path> backup; ///< --backup
    std::optional<system::WallTime> before;      ///< --before
    Into into = Into::automatic;                 ///< --into
    bool beside = false;                         ///< --beside
    std::string beside_name;                     ///< --beside=DBNAME; empty: derived from the run
    std::string from_run;                        ///< --from-run
    std::filesystem::path work_dir;              ///< --work-dir
    unsigned jobs = 0;                           ///< --jobs; 0: as configured
    Depth verify = Depth::quick;                 ///< --verify
    bool restore_anyway = false;                 ///< --restore-anyway
    bool keep_services_stopped = false;          ///< --keep-services-stopped
};

/// As the journal keeps them: only those that were given.
[[nodiscard]] std::map<std::string, std::string> to_flat(const DbRecoverOptions& options);
/// What to_flat() wrote; throws Error(damaged) for anything else.
[[nodiscard]] DRCTL_API DbRecoverOptions
options_from_flat(const std::map<std::string, std::string>& flat);

} // namespace drctl::procedures
