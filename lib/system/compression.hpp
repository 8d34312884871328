// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/byte_source.hpp"

#include <filesystem>
#include <string_view>

/// What a file is compressed with, told by its first bytes.
namespace drctl::system {

[[nodiscard]] Compression compression_of(std::string_view head) noexcept;

/// Whether the compressed form carries a checksum of the content: gzip and bzip2 always, the
/// others where their first frame says so. `head` are the file's first bytes (some hundred).
[[nodiscard]] bool carries_checksum(Compression compression, std::string_view head) noexcept;

/// Throws Error(damaged) if the file's name promises a compressed form and it has none.
void check_name(const std::filesystem::path& path, Compression found, bool empty);

} // namespace drctl::system
