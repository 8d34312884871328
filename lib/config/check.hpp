// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/load.hpp"
#include "config/problem.hpp"
#include "drctl/export.hpp"
#include "system/process.hpp"
#include "system/stop.hpp"

namespace drctl::config {

/// What `drctl config check` finds beyond load(): whether that to which the configuration points
/// is there on this host (files, accounts, programs, systemd units, secrets), and what is missing
/// for a recovery to get far. Needs no server to run and changes nothing. Where systemd cannot be
/// asked, that is one warning. Throws only Error(interrupted).
[[nodiscard]] DRCTL_API Problems check_host(const LoadedConfig& loaded,
                                            const system::ProcessRunner& processes,
                                            system::Redactor& redactor, system::StopToken stop);

} // namespace drctl::config
