// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/clock.hpp"
#include "system/process.hpp"
#include "system/stop.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// What `config init` looks for. Reads only; what cannot be read is not there.
namespace drctl::config {

namespace fs = std::filesystem;

/// A PostgreSQL cluster as Debian's pg_lsclusters lists it.
struct FoundCluster {
    std::string version; ///< major: `15`
    std::string name;    ///< `main`
    std::string port;
    std::string owner;
    bool online = false;
    fs::path data_dir;
    std::optional<fs::path> config_file; ///< where Debian keeps it
    std::optional<fs::path> bin_dir;
    std::optional<std::string> unit;    ///< if this host has Debian's template unit
    std::vector<std::string> databases; ///< without templates and `postgres`; empty if it is down
};

/// Files of one directory whose names differ in a time only.
struct FoundDumps {
    fs::path dir;
    std::string pattern; ///< `full_backup_*.sql.gz`
    std::size_t count = 0;
    system::WallTime newest; ///< by modification time
};

struct HostSurvey {
    std::vector<FoundCluster> clusters;
    std::vector<std::string> application_units; ///< of /etc/systemd/system that need PostgreSQL
    std::vector<FoundDumps> dumps;              ///< newest first
};

/// Looks below `root` (`/` but in tests) and asks pg_lsclusters and psql. Throws only
/// Error(interrupted).
[[nodiscard]] HostSurvey survey_host(const fs::path& root, const system::ProcessRunner& processes,
                                     system::StopToken stop);

/// The name with its time, if it has one, replaced by `*`.
[[nodiscard]] std::string pattern_of(const std::string& file_name);

} // namespace drctl::config
