// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "backup/inspection.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace drctl::backup {

/// What tells an unchanged backup from a changed one without reading it: device, inode, size, time
/// of modification and of change, of a directory those of all its files.
[[nodiscard]] std::string fingerprint_of(const Candidate& candidate);

/// What the last inspection of a backup said, for those who do not want to wait for another one.
struct Verdict {
    std::string reason; ///< why it is rejected; empty: it is clean
    std::string sha256; ///< of a clean one
    system::WallTime inspected;
    postgres::dump::Outline outline; ///< of a clean one
};

/// Nothing for a backup that was never inspected, or has changed since. Reads no more of it
/// than its sidecar.
[[nodiscard]] DRCTL_API std::optional<Verdict> last_verdict(const std::filesystem::path& directory,
                                                            const Candidate& candidate);

/// What a receipt keeps of a clean inspection.
struct Receipt {
    Format format = Format::plain;
    std::string sha256;
    bool has_checksum = false;
    postgres::dump::Outline outline;
};

/// The receipt of a backup, if there is one for this very file as it is now. Receipts are a cache:
/// one that cannot be read, is of another version or of another state of the file is none.
[[nodiscard]] std::optional<Receipt> read_receipt(const std::filesystem::path& directory,
                                                  const Candidate& candidate,
                                                  const std::string& fingerprint);
/// Of a clean inspection or a rejection. Failing to write one is no failure.
void write_receipt(const std::filesystem::path& directory, const Inspection& inspection,
                   bool has_checksum, const std::string& fingerprint, system::WallTime now);
/// The backup turned out not to be what the receipt says.
void revoke_receipt(const std::filesystem::path& directory, const std::filesystem::path& backup);

} // namespace drctl::backup
