// SPDX-License-Identifier: Apache-2.0
#include "backup/candidate.hpp"

#include "backup/name_time.hpp"
#include "backup/taken.hpp"
#include "drctl/error.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drctl::backup {
namespace {

namespace fs = std::filesystem;

constexpr const char* sidecar_suffix = ".sha256";
constexpr const char* toc_of_a_directory_dump = "toc.dat";

system::WallTime modification_time(const struct stat& status) {
    return system::WallTime(std::chrono::seconds(status.st_mtim.tv_sec));
}

std::uint64_t bytes_below(const fs::path& directory) {
    std::uint64_t bytes = 0;
    for (const auto& file : files_below(directory)) {
        std::error_code gone;
        const auto size = fs::file_size(file, gone);
        bytes += gone ? 0 : size;
    }
    return bytes;
}

void cannot_be_read(Candidate& candidate, int cause) {
    candidate.unusable = fmt::format("it cannot be read: {}", std::strerror(cause));
    candidate.readable = cause != EACCES;
}

void look_into_directory(Candidate& candidate) {
    candidate.directory = true;
    try {
        candidate.bytes = bytes_below(candidate.path);
    } catch (const Error& error) {
        candidate.unusable = error.message();
        candidate.readable = false;
        return;
    }
    std::error_code error;
    if (!fs::exists(candidate.path / toc_of_a_directory_dump, error)) {
        candidate.unusable = "it is a directory, and no dump in directory format (no toc.dat)";
    }
}

/// What can be said of a path without opening it; its time is that of modification.
Candidate look_from_outside(const fs::path& path) {
    Candidate candidate;
    candidate.path = path;
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        const int cause = errno;
        std::error_code error;
        if (cause == ENOENT && fs::is_symlink(path, error)) {
            candidate.unusable = "it is a symbolic link that leads nowhere";
        } else {
            cannot_be_read(candidate, cause);
        }
        return candidate;
    }
    candidate.taken = modification_time(status);
    candidate.bytes = static_cast<std::uint64_t>(status.st_size);
    const bool directory = S_ISDIR(status.st_mode);
    if (::access(path.c_str(), directory ? R_OK | X_OK : R_OK) != 0) {
        cannot_be_read(candidate, errno);
        return candidate;
    }
    if (directory) {
        look_into_directory(candidate);
    } else if (!S_ISREG(status.st_mode)) {
        candidate.unusable = "it is not a file";
    } else if (status.st_size == 0) {
        candidate.unusable = "it is empty";
    }
    return candidate;
}

/// Replaces the time of modification by that of the name. Of a name with a date alone, the file's
/// own time says when on that day, if it is one of that day.
void take_time(Candidate& candidate, const NameTime& time, system::WallTime utc) {
    constexpr std::chrono::hours day{24};
    candidate.taken_from = TimeSource::name;
    if (!time.has_clock && candidate.taken >= utc && candidate.taken < utc + day) {
        return;
    }
    candidate.taken = utc;
    if (!time.has_clock) {
        candidate.precision = day;
    }
}

/// Reads the times in the names, where there are any.
void read_names(std::vector<Candidate>& candidates, const std::string& timezone,
                const LookContext& context) {
    std::vector<NameTime> times;
    std::vector<Candidate*> owners;
    for (auto& candidate : candidates) {
        if (const auto time = time_in_name(candidate.path.filename().string())) {
            times.push_back(*time);
            owners.push_back(&candidate);
        }
    }
    const auto utc = to_utc(times, timezone, context.processes, context.stop);
    for (std::size_t i = 0; i < owners.size(); ++i) {
        if (utc[i]) {
            take_time(*owners[i], times[i], *utc[i]);
        } else if (owners[i]->unusable.empty()) {
            owners[i]->unusable = fmt::format("the time in its name does not exist in {}, where "
                                              "the clocks left it out",
                                              timezone);
        }
    }
}

/// Only by what the name says: where it says nothing, the dump itself may have a better time than
/// that of modification, see dated().
void reject_the_future(std::vector<Candidate>& candidates, const system::Clock& clock) {
    const auto latest = clock.wall() + tolerated_difference;
    for (auto& candidate : candidates) {
        if (candidate.unusable.empty() && candidate.taken_from == TimeSource::name &&
            candidate.taken > latest) {
            candidate.unusable = fmt::format("its time, {}, is in the future",
                                             system::format_rfc3339(candidate.taken));
        }
    }
}

[[noreturn]] void throw_cannot_list(const fs::path& directory, const std::error_code& error) {
    throw Error(
        ErrorCode::refused,
        fmt::format("cannot look for backups in '{}': {}", directory.string(), error.message()),
        "mount or create it, or correct backups.dir in the configuration");
}

} // namespace

std::string_view name_of(TimeSource source) noexcept {
    switch (source) {
    case TimeSource::name:
        return "the file's name";
    case TimeSource::content:
        return "the dump itself";
    case TimeSource::modification:
        break;
    }
    return "the file's time of modification";
}

bool is_newer(const Candidate& one, const Candidate& other) noexcept {
    return one.taken != other.taken ? one.taken > other.taken : one.path < other.path;
}

std::vector<Candidate> list_candidates(const config::DatabaseBackups& where,
                                       const LookContext& context) {
    std::error_code error;
    fs::directory_iterator entries(where.dir, error);
    std::vector<Candidate> found;
    while (!error && entries != fs::directory_iterator()) {
        const auto path = entries->path();
        const bool sidecar = path.extension() == sidecar_suffix;
        if (!sidecar &&
            ::fnmatch(where.pattern.c_str(), path.filename().c_str(), FNM_PERIOD) == 0) {
            found.push_back(look_from_outside(path));
        }
        entries.increment(error);
    }
    if (error) {
        throw_cannot_list(where.dir, error);
    }
    read_names(found, where.timezone, context);
    reject_the_future(found, context.clock);
    std::sort(found.begin(), found.end(), is_newer);
    return found;
}

Candidate candidate_at(const fs::path& path, const std::string& timezone,
                       const LookContext& context) {
    std::error_code error;
    if (!fs::exists(fs::symlink_status(path, error))) {
        throw Error(ErrorCode::refused, fmt::format("cannot find backup '{}'", path.string()),
                    "list what there is: drctl backup list db");
    }
    std::vector<Candidate> one{look_from_outside(fs::absolute(path))};
    read_names(one, timezone, context);
    reject_the_future(one, context.clock);
    return one.front();
}

std::vector<fs::path> files_below(const fs::path& directory) {
    std::vector<fs::path> files;
    std::error_code error;
    fs::recursive_directory_iterator entries(directory, error);
    while (!error && entries != fs::recursive_directory_iterator()) {
        std::error_code gone;
        if (entries->is_regular_file(gone)) {
            files.push_back(entries->path());
        }
        entries.increment(error);
    }
    if (error) {
        throw Error(ErrorCode::failed, fmt::format("cannot list all of '{}': {}",
                                                   directory.string(), error.message()));
    }
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace drctl::backup
