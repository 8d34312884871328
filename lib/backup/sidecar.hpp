// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace drctl::backup {

/// The digest in `FILE.sha256`, lowercase: either alone or as sha256sum(1) writes it
/// (`digest  name`). Nothing if there is no such file; throws Error(damaged) for one that holds
/// none.
[[nodiscard]] std::optional<std::string> read_sidecar(const std::filesystem::path& file);

} // namespace drctl::backup
