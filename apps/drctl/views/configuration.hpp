// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/problem.hpp"
#include "config/settings.hpp"
#include "views/style.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace drctl::app::views {

/// Every mistake with its place and what to write, and how many there are.
[[nodiscard]] std::string human_problems(const config::Problems& problems, const Style& style);
/// Schema drctl.config-check/1.
[[nodiscard]] std::string problems_as_json(const config::Problems& problems);

/// `key = value`, and where it was written.
[[nodiscard]] std::string human_settings(const std::vector<config::Setting>& settings,
                                         const Style& style);
/// Schema drctl.config/1.
[[nodiscard]] std::string settings_as_json(const std::vector<config::Setting>& settings);

/// A file was written. Schema drctl.written/1.
[[nodiscard]] std::string written_as_json(const std::filesystem::path& path);

} // namespace drctl::app::views
