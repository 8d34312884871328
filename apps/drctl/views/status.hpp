// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/outcome.hpp"
#include "procedures/status/status.hpp"
#include "views/style.hpp"

#include <string>

namespace drctl::app::views {

/// How a status ends a command.
[[nodiscard]] Outcome outcome_of(const procedures::StatusItems& items) noexcept;

/// Everything, what is wrong first. `quiet`: only what is wrong.
[[nodiscard]] std::string human_status(const procedures::StatusItems& items, system::WallTime now,
                                       const Style& style, bool quiet);
/// What is wrong, since when, and the one thing to type next; one line where all is good.
[[nodiscard]] std::string short_status(const procedures::StatusItems& items, system::WallTime now,
                                       const Style& style);
/// Schema drctl.status/1.
[[nodiscard]] std::string status_as_json(const procedures::StatusItems& items);

/// For a host without a configuration: what there is to do first.
[[nodiscard]] std::string welcome(const std::string& missing_file);

} // namespace drctl::app::views
