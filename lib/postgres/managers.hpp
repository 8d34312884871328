// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "postgres/data_directory.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace drctl::postgres {

/// Somebody else who starts, stops and promotes this server.
struct Manager {
    std::string name;     ///< `Patroni`
    std::string evidence; ///< the sign it was known by, one line
    std::string hint;     ///< how to do there what was asked of us
};

/// Looks for Patroni, repmgr, Pacemaker, pg_auto_failover and Stolon: files in the data
/// directory, running programs, preload libraries (as the server or its configuration file has
/// them). Nothing if no sign is found.
[[nodiscard]] DRCTL_API std::optional<Manager>
find_manager(const std::filesystem::path& data_directory, std::string_view preload_libraries,
             const SystemFiles& files = {});

} // namespace drctl::postgres
