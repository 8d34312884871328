// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace drctl::backup {

/// The digest in `FILE.sha256`, lowercase: alone, or as sha256sum(1) writes it (`digest  name`, and
/// `SHA256 (name) = digest` with --tag and on BSD). Nothing if there is no such file; throws
/// Error(damaged) for one that holds none.
[[nodiscard]] std::optional<std::string> read_sidecar(const std::filesystem::path& file);

} // namespace drctl::backup
