// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "backup/inspection.hpp"

#include <filesystem>
#include <string>

namespace drctl::backup {

/// What one full read of a backup has seen.
struct Content {
    postgres::dump::Outline outline;
    std::string sha256;
    bool has_checksum = false; ///< its format carries one over all of its content
};

/// Reads a plain dump by our reader, an archive by `pg_restore -f -`, whose SQL our reader reads.
/// Throws Error(damaged) and Error(refused) for what is not whole or not data.
[[nodiscard]] Content read_content(const Candidate& candidate, Format format,
                                   const InspectContext& context);

/// What a plain dump says at its beginning; no more of it is read. Throws as read_content() does.
[[nodiscard]] postgres::dump::Header read_header(const Candidate& candidate,
                                                 const InspectContext& context);

/// Of a dump in directory format: over its files' names and digests, in the order of their names.
/// Throws Error(failed) for what cannot be read.
[[nodiscard]] std::string digest_of_directory(const std::filesystem::path& directory);

} // namespace drctl::backup
