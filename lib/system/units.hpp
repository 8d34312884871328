// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "system/clock.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drctl::system {

/// A number of bytes.
struct ByteSize {
    std::uint64_t bytes = 0;
    friend auto operator<=>(const ByteSize&, const ByteSize&) = default;
};

using Duration = std::chrono::milliseconds;

/// A century. Added to any time of day it stays within the 64 bits of nanoseconds that clocks have.
inline constexpr Duration longest_duration = std::chrono::days(36'500);

/// `500ms 2s 15m 26h 30d`; nothing for anything else (also for what is longer than the longest).
DRCTL_API std::optional<Duration> parse_duration(std::string_view text) noexcept;
/// `4096 16KiB 16MiB 2GiB 1TiB` (and kB, MB, GB, TB as powers of ten); nothing for else.
DRCTL_API std::optional<ByteSize> parse_size(std::string_view text) noexcept;
/// RFC 3339 (`2026-11-23T03:15:02Z`, offsets and fractions allowed); nothing for else.
DRCTL_API std::optional<WallTime> parse_rfc3339(std::string_view text) noexcept;

/// The two largest units that matter: `1h 12m`, `41.2s`, `312ms`.
DRCTL_API std::string format_duration(std::chrono::milliseconds duration);
/// `1.5 GiB`, `312 MiB`, `17 B`.
DRCTL_API std::string format_size(ByteSize size);
/// `2026-11-23T03:15:02Z`, whole seconds.
DRCTL_API std::string format_rfc3339(WallTime time);
/// `20261123T031502Z`, as run ids and file names use it.
DRCTL_API std::string format_compact(WallTime time);

} // namespace drctl::system
