// SPDX-License-Identifier: Apache-2.0
#include "backup/taken.hpp"

#include "system/units.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <optional>
#include <string>
#include <string_view>

namespace drctl::backup {
namespace {

/// `2026-11-23 02:00:04 UTC`; nothing in other zones, whose short names are not unique.
std::optional<system::WallTime> time_of_start(const postgres::dump::Header& header) {
    const auto& started = header.started;
    constexpr std::string_view utc = " UTC";
    if (!started.ends_with(utc)) {
        return std::nullopt;
    }
    auto text = started.substr(0, started.size() - utc.size()) + "Z";
    std::replace(text.begin(), text.end(), ' ', 'T');
    return system::parse_rfc3339(text);
}

/// Why the time in a dump cannot be that of its beginning; empty: it can.
std::string objection_to(system::WallTime started, system::WallTime last_written,
                         system::WallTime now) {
    constexpr const char* remedy = "write the right time into its name";
    if (started > now + tolerated_difference) {
        return fmt::format("it says that it was started {}, which is in the future: {}",
                           system::format_rfc3339(started), remedy);
    }
    if (started > last_written + tolerated_difference) {
        return fmt::format("it says that it was started {}, but it was last written {}: {}",
                           system::format_rfc3339(started), system::format_rfc3339(last_written),
                           remedy);
    }
    return {};
}

} // namespace

Candidate dated(Candidate candidate, const postgres::dump::Header& header, system::WallTime now) {
    if (candidate.taken_from != TimeSource::modification || !candidate.unusable.empty()) {
        return candidate;
    }
    const auto started = time_of_start(header);
    if (!started) {
        if (candidate.taken > now + tolerated_difference) {
            candidate.unusable =
                fmt::format("its time of modification, {}, is in the future, and no better one "
                            "is known: write the right time into its name",
                            system::format_rfc3339(candidate.taken));
        }
        return candidate;
    }
    candidate.unusable = objection_to(*started, candidate.taken, now);
    if (candidate.unusable.empty()) {
        candidate.taken = *started;
        candidate.taken_from = TimeSource::content;
    }
    return candidate;
}

} // namespace drctl::backup
