// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/types.hpp"
#include "drctl/export.hpp"
#include "postgres/causes.hpp"
#include "postgres/data_directory.hpp"
#include "system/clock.hpp"
#include "system/process.hpp"
#include "system/stop.hpp"

#include <optional>

namespace drctl::postgres {

/// What stands in the way of a start, as far as it can be seen without starting anything: the
/// data directory (missing, empty, not mounted, permissions, another postmaster, major version, a
/// damaged pg_control) and links out of it. Nothing if nothing does.
[[nodiscard]] DRCTL_API std::optional<Cause> obstacle_to_start(const config::Database& database,
                                                               const DataDirectory& directory);

/// Finds out why the service manager did not bring a server up: looks at the data directory,
/// lets `postgres -C` read the configuration, then runs the server by itself as `os_user` with
/// its real configuration, listens to what it says, and stops it again.
///
/// To be called only after an attempt to start the service has failed and while the service is
/// held down: what runs here for a moment is the real server. If it comes up it is stopped in
/// order, and the cause is Kind::service_manager. A recovery that takes longer than a minute is
/// ended (it goes on at the next start) and told as Kind::still_recovering.
/// Throws Error(interrupted), Error(usage) for an unknown `os_user`, and Error(refused) if we may
/// not become it.
[[nodiscard]] DRCTL_API Cause diagnose_start(const config::Database& database,
                                             const system::ProcessRunner& processes,
                                             const system::Clock& clock, system::StopToken stop);

} // namespace drctl::postgres
