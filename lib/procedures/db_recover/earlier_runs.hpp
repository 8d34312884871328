// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/run_record.hpp"
#include "postgres/connection.hpp"
#include "procedures/db_recover/outage.hpp"
#include "procedures/db_target.hpp"

#include <optional>
#include <string>

/// What earlier runs of db-recover mean for the one that is being planned.
namespace drctl::procedures {

/// The newest run that put another database in the place of this one within the time that forbids
/// doing so again unattended.
[[nodiscard]] std::optional<std::string> restored_lately(const DbTarget& target,
                                                         const system::Clock& clock);

/// The pace of the newest run that made and verified a copy of this database.
[[nodiscard]] std::optional<RestorePace> latest_pace(const DbTarget& target,
                                                     const system::Clock& clock);

/// Throws Error(refused) unless the copy of that run is whole, of this server, not the live
/// database itself, and can be compared with its backup.
void require_usable_copy(const engine::RunRecord& run, const DbTarget& target,
                         postgres::Connection& server, system::StopToken stop);

} // namespace drctl::procedures
