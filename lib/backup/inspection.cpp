// SPDX-License-Identifier: Apache-2.0
#include "backup/inspection.hpp"

#include "backup/content.hpp"
#include "backup/receipt.hpp"
#include "backup/sidecar.hpp"
#include "backup/taken.hpp"
#include "drctl/error.hpp"
#include "system/files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

namespace drctl::backup {
namespace {

namespace fs = std::filesystem;

/// True if somebody has the file open for writing. The kernel refuses a read lease then; where it
/// refuses for another reason (not our file, a network file system) this says nothing, and only
/// the comparison of size and time before and after the inspection is left.
bool is_open_for_writing(const fs::path& file) {
    const system::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) {
        return false;
    }
    // Whoever opens the file for writing while we hold the lease has us told by a signal: by one
    // that is ignored by default, not by SIGIO, which would end us.
    ::fcntl(fd.get(), F_SETSIG, SIGURG);
    if (::fcntl(fd.get(), F_SETLEASE, F_RDLCK) == 0) {
        ::fcntl(fd.get(), F_SETLEASE, F_UNLCK);
        return false;
    }
    return errno == EAGAIN;
}

/// What the outline of a dump that could be read to its end says against it.
std::string objection_to(const postgres::dump::Outline& outline, int server_major) {
    if (outline.header.cluster_dump) {
        return "it is a dump of a whole cluster by pg_dumpall";
    }
    if (!outline.header.database_dump) {
        return "it does not begin as pg_dump's files do";
    }
    if (!outline.complete) {
        return "truncated: the last line, 'PostgreSQL database dump complete', is missing";
    }
    if (outline.has_data && !outline.has_schema) {
        return "it holds data only, no tables";
    }
    if (outline.has_tables && !outline.has_data) {
        return "it holds tables only, no data";
    }
    if (server_major != 0 && outline.server_major() > server_major) {
        return fmt::format("it was taken from PostgreSQL {}, this server is {}",
                           outline.server_major(), server_major);
    }
    return {};
}

void note_missing_checksum(Inspection& inspection, bool checksum, bool sidecar) {
    if (!checksum && !sidecar) {
        inspection.notes.emplace_back(
            "integrity not provable: neither its format nor a .sha256 file has a checksum");
    }
}

/// A dump whose time cannot be believed is rejected, however whole it is.
void date(Inspection& inspection, system::WallTime now) {
    inspection.candidate = dated(inspection.candidate, inspection.outline.header, now);
    if (inspection.clean()) {
        inspection.reason = inspection.candidate.unusable;
    }
}

/// The same for a backup, which may be a directory of files.
bool is_being_written(const Candidate& candidate) {
    if (!candidate.directory) {
        return is_open_for_writing(candidate.path);
    }
    const auto files = files_below(candidate.path);
    return std::any_of(files.begin(), files.end(), is_open_for_writing);
}

/// Compares the digest with that of the sidecar, if there is one.
void check_sidecar(Inspection& inspection, bool has_checksum) {
    const auto& path = inspection.candidate.path;
    const auto sidecar = read_sidecar(path);
    note_missing_checksum(inspection, has_checksum, sidecar.has_value());
    if (sidecar && *sidecar != inspection.sha256) {
        inspection.reason =
            fmt::format("its sha256 is not the one in '{}.sha256'", path.filename().string());
    }
}

/// Reads the file to its end and judges it by itself. Returns whether its format has a checksum.
bool read_through(Inspection& inspection, const InspectContext& context) {
    Content content;
    try {
        inspection.format = detect_format(inspection.candidate);
        content = read_content(inspection.candidate, inspection.format, context);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::damaged && error.code() != ErrorCode::refused) {
            throw;
        }
        inspection.reason = error.message();
        return false;
    }
    inspection.sha256 = content.sha256;
    inspection.outline = std::move(content.outline);
    check_sidecar(inspection, content.has_checksum);
    if (inspection.clean()) {
        inspection.reason = objection_to(inspection.outline, 0);
    }
    return content.has_checksum;
}

void judge(Inspection& inspection, const InspectContext& context) {
    if (is_being_written(inspection.candidate)) {
        inspection.reason = "it is being written";
        inspection.lasting = false;
        return;
    }
    const auto before = fingerprint_of(inspection.candidate);
    auto receipt = context.believe_receipts
                       ? read_receipt(context.receipts, inspection.candidate, before)
                       : std::nullopt;
    if (receipt) {
        inspection.sha256 = receipt->sha256;
        inspection.outline = std::move(receipt->outline);
        inspection.format = receipt->format;
        inspection.from_receipt = true;
        check_sidecar(inspection, receipt->has_checksum);
        if (inspection.clean()) {
            inspection.reason = objection_to(inspection.outline, context.server_major);
        }
        return;
    }
    const bool has_checksum = read_through(inspection, context);
    if (fingerprint_of(inspection.candidate) != before) {
        inspection.reason = "it is being written: it changed while it was read";
        inspection.lasting = false;
        return;
    }
    write_receipt(context.receipts, inspection, has_checksum, before, context.clock.wall());
    if (inspection.clean()) {
        inspection.reason = objection_to(inspection.outline, context.server_major);
    }
}

} // namespace

std::string_view name_of(Format format) noexcept {
    switch (format) {
    case Format::plain:
        return "plain";
    case Format::custom:
        return "custom";
    case Format::tar:
        return "tar";
    case Format::directory:
        return "directory";
    }
    return "plain";
}

Format detect_format(const Candidate& candidate) {
    if (candidate.directory) {
        // Fails here rather than in pg_restore, whose failure would count against the backup.
        static_cast<void>(system::open_for_reading(candidate.path / "toc.dat"));
        return Format::directory;
    }
    constexpr std::size_t tar_magic_at = 257;
    std::array<char, tar_magic_at + 5> head{};
    const auto fd = system::open_for_reading(candidate.path);
    const auto got = ::pread(fd.get(), head.data(), head.size(), 0);
    const std::string_view text(head.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    if (text.substr(0, 5) == "PGDMP") {
        return Format::custom;
    }
    if (text.size() == head.size() && text.substr(tar_magic_at) == "ustar") {
        return Format::tar;
    }
    return Format::plain;
}

std::optional<Candidate> date_by_header(const Candidate& candidate, const InspectContext& context) {
    if (!candidate.unusable.empty() || candidate.taken_from != TimeSource::modification) {
        return candidate;
    }
    try {
        const auto header = detect_format(candidate) == Format::plain
                                ? read_header(candidate, context)
                                : postgres::dump::Header();
        return dated(candidate, header, context.clock.wall());
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted) {
            throw;
        }
        return std::nullopt;
    }
}

Inspection inspect(const Candidate& candidate, const InspectContext& context) {
    Inspection inspection;
    inspection.candidate = candidate;
    inspection.reason = candidate.unusable;
    inspection.lasting = candidate.readable;
    if (!inspection.clean()) {
        return inspection;
    }
    try {
        judge(inspection, context);
        date(inspection, context.clock.wall());
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted || error.code() == ErrorCode::unreachable) {
            throw;
        }
        inspection.reason = error.message();
        inspection.lasting = false;
    }
    return inspection;
}

} // namespace drctl::backup
