// SPDX-License-Identifier: Apache-2.0
#include "postgres/data_directory.hpp"

#include "system/deleter.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <memory>
#include <mntent.h>
#include <set>
#include <sys/stat.h>
#include <system_error>

namespace drctl::postgres {
namespace {

using State = DataDirectory::State;

constexpr std::array state_names{
    std::pair{State::present, std::string_view("present")},
    std::pair{State::missing, std::string_view("missing")},
    std::pair{State::empty, std::string_view("empty")},
    std::pair{State::foreign, std::string_view("foreign")},
    std::pair{State::unreadable, std::string_view("unreadable")},
};

std::vector<std::string> lines_of(const fs::path& path) {
    std::ifstream in(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error);
}

/// True if a process of that id is a server that works in `directory`. The executable's name
/// is readable by everyone; its working directory only by its owner and root.
bool is_postmaster_of(pid_t pid, const fs::path& directory, const fs::path& proc) {
    const auto process = proc / std::to_string(pid);
    const auto names = lines_of(process / "comm");
    if (names.empty() || (names.front() != "postgres" && names.front() != "postmaster")) {
        return false;
    }
    std::error_code error;
    const auto works_in = fs::read_symlink(process / "cwd", error);
    if (error == std::errc::permission_denied) {
        return true;
    }
    // A process that has ended but was not waited for has no working directory any more.
    return !error && fs::equivalent(works_in, directory, error);
}

/// Lines as src/include/utils/pidfile.h numbers them.
std::optional<Postmaster> read_postmaster(const fs::path& directory, const fs::path& proc) {
    const auto lines = lines_of(directory / "postmaster.pid");
    if (lines.empty()) {
        return std::nullopt;
    }
    const auto line = [&lines](std::size_t number) {
        return number <= lines.size() ? lines[number - 1] : std::string();
    };
    Postmaster postmaster;
    const auto first = line(1);
    std::from_chars(first.data(), first.data() + first.size(), postmaster.pid);
    // A negative number is a standalone backend.
    postmaster.pid = std::abs(postmaster.pid);
    postmaster.data_directory = line(2);
    postmaster.port = line(4);
    postmaster.socket_directory = line(5);
    postmaster.status = line(8);
    postmaster.status.erase(postmaster.status.find_last_not_of(' ') + 1);
    postmaster.running = postmaster.pid > 0 && is_postmaster_of(postmaster.pid, directory, proc);
    return postmaster;
}

std::vector<fs::path> dangling_links(const fs::path& directory) {
    std::vector<fs::path> links{directory / "pg_wal"};
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory / "pg_tblspc", error)) {
        links.push_back(entry.path());
    }
    std::vector<fs::path> dangling;
    for (const auto& link : links) {
        if (fs::is_symlink(fs::symlink_status(link, error)) && !is_there(link)) {
            dangling.push_back(link);
        }
    }
    return dangling;
}

using MountTable = std::unique_ptr<FILE, system::Deleter<endmntent>>;

std::vector<fs::path> mount_points(const fs::path& table) {
    std::vector<fs::path> points;
    const MountTable file(::setmntent(table.c_str(), "re"));
    if (file == nullptr) {
        return points;
    }
    mntent entry{};
    std::array<char, 4096> buffer{};
    while (::getmntent_r(file.get(), &entry, buffer.data(), static_cast<int>(buffer.size())) !=
           nullptr) {
        points.emplace_back(entry.mnt_dir);
    }
    return points;
}

bool is_at_or_above(const fs::path& ancestor, const fs::path& path) {
    return std::mismatch(ancestor.begin(), ancestor.end(), path.begin(), path.end()).first ==
           ancestor.end();
}

/// Sets state and evidence of a path that is no data directory; false if it may be one.
bool is_absent(DataDirectory& directory) {
    std::error_code error;
    const auto status = fs::status(directory.path, error);
    if (status.type() == fs::file_type::not_found) {
        directory.state = State::missing;
        directory.evidence = fmt::format("'{}' does not exist", directory.path.string());
        return true;
    }
    if (status.type() != fs::file_type::directory) {
        directory.state = error ? State::unreadable : State::foreign;
        directory.evidence =
            fmt::format("'{}': {}", directory.path.string(),
                        error ? error.message() : std::string("is not a directory"));
        return true;
    }
    fs::directory_iterator entries(directory.path, error);
    if (error) {
        directory.state = State::unreadable;
        directory.evidence = fmt::format("'{}': {}", directory.path.string(), error.message());
        return true;
    }
    const bool empty =
        std::all_of(begin(entries), end(entries), [](const fs::directory_entry& each) {
            return each.path().filename() == "lost+found";
        });
    if (empty) {
        directory.state = State::empty;
        directory.evidence = fmt::format("'{}' is empty", directory.path.string());
    }
    return empty;
}

} // namespace

std::string_view name_of(State state) noexcept {
    for (const auto& [each, name] : state_names) {
        if (each == state) {
            return name;
        }
    }
    return "unknown";
}

std::optional<fs::path> unmounted_volume_of(const fs::path& path, const SystemFiles& files) {
    const auto mounted = mount_points(files.mounts);
    const auto wanted = fs::absolute(path).lexically_normal();
    std::optional<fs::path> nearest;
    for (const auto& point : mount_points(files.fstab)) {
        if (point.is_absolute() && is_at_or_above(point, wanted) &&
            (!nearest || is_at_or_above(*nearest, point))) {
            nearest = point;
        }
    }
    if (nearest && std::find(mounted.begin(), mounted.end(), *nearest) == mounted.end()) {
        return nearest;
    }
    return std::nullopt;
}

DataDirectory inspect_data_directory(const fs::path& path, const SystemFiles& files) {
    DataDirectory directory;
    directory.path = path;
    directory.unmounted = unmounted_volume_of(path, files);
    if (is_absent(directory)) {
        return directory;
    }
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) {
        directory.owner = status.st_uid;
        directory.mode = status.st_mode & 07777;
        directory.identity = system::identity_of(path);
    }
    directory.postmaster = read_postmaster(path, files.proc);
    directory.control = read_control_file(path);
    directory.dangling = dangling_links(path);
    const auto version = lines_of(path / "PG_VERSION");
    if (version.empty()) {
        directory.state = State::foreign;
        directory.evidence = fmt::format("'{}' has no PG_VERSION", path.string());
        return directory;
    }
    directory.state = State::present;
    directory.major = version.front();
    directory.evidence =
        fmt::format("'{}' is a data directory of PostgreSQL {}", path.string(), directory.major);
    directory.standby_signal = is_there(path / "standby.signal");
    directory.recovery_signal = is_there(path / "recovery.signal");
    directory.backup_label = is_there(path / "backup_label");
    return directory;
}

} // namespace drctl::postgres
