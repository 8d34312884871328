// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/load.hpp"
#include "drctl/export.hpp"
#include "drctl/report.hpp"
#include "engine/observer.hpp"
#include "procedures/db_recover/judge.hpp"
#include "procedures/toolbox.hpp"

#include <string>
#include <vector>

namespace drctl::procedures {

/// Checks a database and changes nothing: the configured queries, all of them, on the tables
/// themselves; every row of a server that came up within the last ten minutes; indexes and
/// constraints that somebody left invalid, as warnings. Outcome: healthy; damaged, with what proves
/// it as evidence; refused where we are not let in or a query cannot be judged; unreachable where
/// no server answers. Throws Error(usage) for an unknown name, Error(interrupted), and what
/// reading the password throws.
[[nodiscard]] DRCTL_API Report verify_database(const config::LoadedConfig& configuration,
                                               const std::string& name, const Toolbox& tools,
                                               engine::Observer& observer, system::StopToken stop);

/// What follows from a look and from what is invalid. Pure.
void conclude_verification(Report& report, const Sight& sight, const config::Database& database);

} // namespace drctl::procedures
