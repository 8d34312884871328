// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "system/process.hpp"
#include "system/stop.hpp"

#include <filesystem>
#include <string>

namespace drctl::config {

/// The text of a configuration for this host: what was found in force, everything else as
/// comments. It is valid as it stands. `root` is `/` but in tests. Reads only; throws only
/// Error(interrupted).
[[nodiscard]] DRCTL_API std::string draft_configuration(const std::filesystem::path& root,
                                                        const system::ProcessRunner& processes,
                                                        system::StopToken stop);

/// Writes it with mode 0640, and to group drctl where this host has it and we may: operators of
/// that group may plan and look. Makes missing directories. Throws Error(refused) if there is
/// such a file, which is never overwritten, or if we may not write there.
DRCTL_API void write_configuration(const std::filesystem::path& target, const std::string& text);

} // namespace drctl::config
