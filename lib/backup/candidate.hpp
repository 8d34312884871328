// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/types.hpp"
#include "drctl/export.hpp"
#include "system/clock.hpp"
#include "system/process.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// Which backups there are, and when each was taken.
namespace drctl::backup {

/// What the time of a backup was read from.
enum class TimeSource { name, content, modification };

[[nodiscard]] DRCTL_API std::string_view name_of(TimeSource source) noexcept;

/// A file (or directory) that the pattern matches, before anybody has looked into it.
struct Candidate {
    std::filesystem::path path;
    system::WallTime taken;
    /// It was taken at `taken` or less than that later.
    std::chrono::seconds precision{1};
    TimeSource taken_from = TimeSource::modification;
    std::uint64_t bytes = 0; ///< of a directory: of all files in it
    bool directory = false;  ///< a dump in directory format
    std::string unusable;    ///< why it cannot be a backup, or not of that time; empty: it may be
    bool readable = true;    ///< false: we may not look, which says nothing against it

    /// It was surely taken before that.
    [[nodiscard]] system::WallTime taken_before() const noexcept { return taken + precision; }
};

/// The order of lists: of the same time, by name.
[[nodiscard]] DRCTL_API bool is_newer(const Candidate& one, const Candidate& other) noexcept;

/// What listing needs of the world.
struct LookContext {
    const system::ProcessRunner& processes;
    const system::Clock& clock;
    system::StopToken stop;
};

/// Everything in the directory that the pattern matches, newest first.
/// Sidecars (`*.sha256`) are no backups. A name with a time in the future makes a file unusable.
/// Throws Error(refused) for a directory that is not there or cannot be read.
[[nodiscard]] DRCTL_API std::vector<Candidate> list_candidates(const config::DatabaseBackups& where,
                                                               const LookContext& context);

/// One file that somebody named. Throws Error(refused) if there is none.
[[nodiscard]] DRCTL_API Candidate candidate_at(const std::filesystem::path& path,
                                               const std::string& timezone,
                                               const LookContext& context);

/// The regular files below a directory, sorted. Throws Error(failed) for what cannot be listed.
[[nodiscard]] std::vector<std::filesystem::path>
files_below(const std::filesystem::path& directory);

} // namespace drctl::backup
