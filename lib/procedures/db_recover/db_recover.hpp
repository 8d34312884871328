// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/load.hpp"
#include "drctl/export.hpp"
#include "engine/consent.hpp"
#include "engine/procedure.hpp"
#include "procedures/db_recover/options.hpp"
#include "procedures/toolbox.hpp"

#include <memory>
#include <optional>
#include <string>

namespace drctl::procedures {

/// Brings a PostgreSQL database back: the ladder is told in docs/commands/db-recover.md.
///
///     wait-for-server   it is recovering by itself
///     start-server      it is down
///     restore-database  it is damaged or gone: copy beside it, verify, swap, keep the old one
///     restore-beside    a copy was asked for, nothing else is touched
///     swap-copy         the copy of another run was asked for
///
/// Throws Error(usage) for an unknown target, options that contradict each other, or a database of
/// another host, and what reading its password throws. What `tools` points to must outlive it.
[[nodiscard]] DRCTL_API std::unique_ptr<engine::Procedure>
make_db_recover(const config::LoadedConfig& configuration, const std::string& name,
                const DbRecoverOptions& options, const Toolbox& tools, system::StopToken stop);

/// What the command line and the configuration say about losing data of a database.
[[nodiscard]] DRCTL_API engine::ConsentPolicy
consent_policy(const config::Database& database, const std::optional<engine::LossLimit>& accepted,
               bool at_terminal);

} // namespace drctl::procedures
