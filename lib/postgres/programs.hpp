// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/types.hpp"
#include "drctl/export.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace drctl::postgres {

/// A program of PostgreSQL: in `bin_dir` if that is configured, else in Debian's directory of
/// the major version (where one is given), else found by $PATH. Nothing if it is nowhere.
[[nodiscard]] DRCTL_API std::optional<std::filesystem::path>
find_server_program(const config::Database& database, const std::string& major,
                    const std::string& name);

} // namespace drctl::postgres
