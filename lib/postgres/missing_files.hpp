// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "postgres/causes.hpp"
#include "postgres/data_directory.hpp"
#include "postgres/server.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

/// A server that misses a file cannot tell a destroyed one from one whose volume is not mounted.
/// These look at the disk before anybody restores for it.
namespace drctl::postgres {

/// What `base` is (src/include/catalog/pg_tablespace.dat).
inline constexpr std::uint32_t default_tablespace = 1663;

/// Why a missing file proves nothing: its volume is not there, or nobody may look. Nothing if the
/// directories are there that should hold it, so that what is not in them is gone.
/// `file` is relative to the data directory; no data directory means that it is out of our sight.
[[nodiscard]] DRCTL_API std::optional<Cause>
doubt_about_absence(const std::optional<fs::path>& data_directory, const fs::path& file,
                    const SystemFiles& files = {});

/// What follows from a probe that says `database_missing`. Nothing if pg_database was asked and has
/// no such row; else the proven loss of the database's directory, or why that is not proven.
[[nodiscard]] DRCTL_API std::optional<Cause>
judge_missing_database(const ServerProbe& probe, const std::optional<fs::path>& data_directory,
                       const SystemFiles& files = {});

} // namespace drctl::postgres
