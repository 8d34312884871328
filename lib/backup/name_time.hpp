// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "system/clock.hpp"
#include "system/process.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace drctl::backup {

/// The date and time in a file name.
struct NameTime {
    system::WallTime written; ///< as a clock on the wall shows it: no zone applied yet
    bool has_clock = false;   ///< hour and minute are written
    std::optional<std::chrono::minutes> offset; ///< from UTC, where the name says it
};

/// Finds a date (`2026-11-23`, `20261123`, also with `_` or `.`) and after it perhaps a time
/// (`T031502Z`, `T03:15:02-0500`, `_0315`, `-03-15-02`). Nothing if there is none, or if it does
/// not exist (31 February).
[[nodiscard]] DRCTL_API std::optional<NameTime> time_in_name(const std::string& name);

/// The same in UTC, each read in `zone` (IANA name) unless it says its own. Zones other than UTC
/// are converted by date(1), so that the C library's one zone a process is left alone; what the
/// change of the clocks makes ambiguous is what date makes of it, and what it leaves out is read an
/// hour later. Nothing for a time that does not exist then either. Throws Error(usage) for an
/// unknown zone, Error(unreachable) where date cannot be run.
[[nodiscard]] DRCTL_API std::vector<std::optional<system::WallTime>>
to_utc(const std::vector<NameTime>& times, const std::string& zone,
       const system::ProcessRunner& processes, system::StopToken stop);

} // namespace drctl::backup
