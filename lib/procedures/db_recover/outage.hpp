// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "engine/run_record.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

/// How long services will be down, as far as it can be told before it is tried.
namespace drctl::procedures {

/// How fast a run made and verified a copy of a database.
struct RestorePace {
    std::string run;
    std::uint64_t dump_bytes = 0; ///< of its backup, after decompression
    std::chrono::milliseconds restoring{0};
    std::chrono::milliseconds verifying{0};
};

/// The pace of a run, if its copy became whole and was verified.
[[nodiscard]] DRCTL_API std::optional<RestorePace> pace_of(const engine::RunRecord& run);

/// When services are stopped.
enum class Downtime {
    with_restore, ///< before the copy is made
    swap_only,    ///< the copy is there when they are stopped
};

/// The outage to expect, rounded up to seconds. Without an earlier run a restore is taken for as
/// slow as a modest disk makes it; how long verification queries take is then not known, and so is
/// the outage of a swap alone.
[[nodiscard]] DRCTL_API std::optional<std::chrono::milliseconds>
expected_outage(Downtime downtime, std::uint64_t dump_bytes,
                const std::optional<RestorePace>& earlier);

} // namespace drctl::procedures
