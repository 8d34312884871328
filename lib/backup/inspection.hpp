// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "backup/candidate.hpp"
#include "drctl/export.hpp"
#include "postgres/dump/outline.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Whether a backup is whole, and what is in it, without restoring it.
namespace drctl::backup {

enum class Format { plain, custom, tar, directory };

[[nodiscard]] DRCTL_API std::string_view name_of(Format format) noexcept;

/// The verdict on one backup.
struct Inspection {
    Candidate candidate;
    Format format = Format::plain;
    std::string reason; ///< why it is rejected; empty: it is clean
    std::string sha256; ///< of the file; of a directory: over its files' names and digests
    std::vector<std::string> notes;
    postgres::dump::Outline outline;
    bool from_receipt = false;
    /// The verdict lies in the file and holds while that is unchanged; false where it could not be
    /// looked at (being written, not readable).
    bool lasting = true;

    [[nodiscard]] bool clean() const noexcept { return reason.empty(); }
};

struct InspectContext {
    const system::ProcessRunner& processes;
    const system::Clock& clock;
    system::StopToken stop;
    std::filesystem::path pg_restore = "pg_restore"; ///< for archives
    std::filesystem::path receipts = {};             ///< directory; empty: none are kept
    bool believe_receipts = true; ///< false: every byte is read again, as a disk may forget
    int server_major = 0;         ///< a dump of a newer server is rejected; 0: not known
    /// Bytes of the file read so far, and its size.
    std::function<void(std::uint64_t, std::uint64_t)> progress = [](auto, auto) {};
};

/// Reads the backup to its last byte: nobody writes it, compression and archive are whole,
/// pg_dump's first and last lines are there, nothing in it but data, the digest is that of the
/// sidecar `FILE.sha256` if there is one, and its time can be believed. The verdict is remembered
/// in a receipt; a clean one is given again at once while the file is the same one, unchanged. A
/// rejection is found anew each time: what is remembered of it is for last_verdict(). Throws only
/// Error(interrupted), and Error(unreachable) where pg_restore cannot be run.
[[nodiscard]] DRCTL_API Inspection inspect(const Candidate& candidate,
                                           const InspectContext& context);

/// When a backup was taken, as inspect() will say, without reading more than the beginning of a
/// plain dump; an archive tells no time. Nothing where the beginning cannot be read: inspect() says
/// why. Throws only Error(interrupted).
[[nodiscard]] DRCTL_API std::optional<Candidate> date_by_header(const Candidate& candidate,
                                                                const InspectContext& context);

/// Which program wrote the file, by its first bytes.
[[nodiscard]] Format detect_format(const Candidate& candidate);

} // namespace drctl::backup
