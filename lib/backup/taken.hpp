// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "backup/candidate.hpp"
#include "drctl/export.hpp"
#include "postgres/dump/header.hpp"

#include <chrono>

/// When a backup was taken, as far as it can be believed.
namespace drctl::backup {

/// Clocks of two hosts may differ that much without anything being wrong.
inline constexpr std::chrono::minutes tolerated_difference{10};

/// Gives a candidate whose name holds no time the one that a --verbose dump says in its header.
/// Unusable becomes one whose time, from either, lies in the future, and one that says it was begun
/// after its file was last written: what follows from such a time (which backup is the newest, how
/// much is lost) would be wrong.
[[nodiscard]] DRCTL_API Candidate dated(Candidate candidate, const postgres::dump::Header& header,
                                        system::WallTime now);

} // namespace drctl::backup
