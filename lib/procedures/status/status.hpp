// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/load.hpp"
#include "drctl/export.hpp"
#include "procedures/toolbox.hpp"
#include "system/clock.hpp"
#include "system/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How everything is that the configuration names. Looks, and changes nothing.
namespace drctl::procedures {

/// One thing and how it is.
struct StatusItem {
    enum class State {
        good,
        notice,  ///< nothing is wrong, but a person should know: a hold, a kept database
        unknown, ///< it could not be told, which is not good
        bad,
    } state = State::unknown;
    std::string kind; ///< configuration, run, database, backup, service, health, hold, kept
    std::string name;
    std::string summary;                   ///< one line: what was seen
    std::optional<system::WallTime> since; ///< where it is known
    std::string next;                      ///< what to type or to fix, or empty
    std::optional<std::uint64_t> bytes;    ///< of `kept`

    [[nodiscard]] bool is_good() const noexcept {
        return state == State::good || state == State::notice;
    }
};

/// As reports have it.
[[nodiscard]] DRCTL_API std::string_view name_of(StatusItem::State state) noexcept;

using StatusItems = std::vector<StatusItem>;

/// True if nothing is bad or unknown.
[[nodiscard]] DRCTL_API bool all_good(const StatusItems& items) noexcept;

/// Looks at everything at once: unfinished runs, databases (as db-recover sees them), their newest
/// backups by receipts, services, health checks, holds, and databases that runs have kept. What has
/// not answered after `patience` is unknown. Ordered by what is to be dealt with first.
/// Throws only Error(interrupted).
[[nodiscard]] DRCTL_API StatusItems look_at_host(const config::LoadedConfig& configuration,
                                                 const Toolbox& tools, system::Duration patience,
                                                 system::StopToken stop);

} // namespace drctl::procedures
