// SPDX-License-Identifier: Apache-2.0
#include "engine/lock.hpp"

#include "drctl/error.hpp"
#include "engine/state_directory.hpp"
#include "system/files.hpp"
#include "system/posix_error.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/core.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <sys/file.h>
#include <unistd.h>

namespace drctl::engine {
namespace {

using nlohmann::json;

/// `database/dao registry` -> `database_dao%20registry.lock`: one file, no way out of the
/// directory.
std::string file_name(const std::string& resource) {
    std::string name;
    for (const char c : resource) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
        if (plain) {
            name += c;
        } else {
            name += fmt::format("%{:02x}", static_cast<unsigned char>(c));
        }
    }
    return name + ".lock";
}

void write_holder(int fd, const LockHolder& holder) {
    const json body{{"pid", holder.pid},
                    {"user", holder.user},
                    {"host", holder.host},
                    {"run", holder.run},
                    {"started", holder.started}};
    // For people only: neither a failure to write it nor an odd name must cost the lock.
    const auto text = body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    if (::ftruncate(fd, 0) == 0) {
        static_cast<void>(!::pwrite(fd, text.data(), text.size(), 0));
    }
}

/// Who is named in a lock file; nothing if it cannot be read or says nothing yet.
std::optional<LockHolder> read_holder(const std::filesystem::path& path) {
    std::string text;
    try {
        text = system::read_file(path);
    } catch (const Error&) {
        return std::nullopt;
    }
    const auto body = json::parse(text, nullptr, false);
    if (!body.is_object()) {
        return std::nullopt;
    }
    return LockHolder{body.value("pid", "?"), body.value("user", "?"), body.value("host", "?"),
                      body.value("run", ""), body.value("started", "?")};
}

std::string describe_holder(const std::filesystem::path& path) {
    const auto holder = read_holder(path);
    if (!holder) {
        return "another run";
    }
    return fmt::format("{} (process {} of {} on {}, since {})",
                       holder->run.empty() ? std::string("a run that is being planned")
                                           : "run " + holder->run,
                       holder->pid, holder->user, holder->host, holder->started);
}

/// Process and inode of every flock(2) on the host, as proc(5) tells them:
/// `1: FLOCK  ADVISORY  WRITE 4711 08:01:131094 0 EOF`.
std::set<std::pair<std::string, std::string>> held_locks() {
    std::set<std::pair<std::string, std::string>> held;
    std::ifstream list("/proc/locks");
    for (std::string line; std::getline(list, line);) {
        std::istringstream words(line);
        std::string number, kind, advisory, access, pid, place;
        if (words >> number >> kind >> advisory >> access >> pid >> place && kind == "FLOCK") {
            held.emplace(pid, place.substr(place.rfind(':') + 1));
        }
    }
    return held;
}

system::UniqueFd open_lock(const std::filesystem::path& path) {
    auto fd = open_for_readers(path, O_RDWR);
    if (!fd && (errno == EACCES || errno == EPERM)) {
        throw no_access("open lock", path);
    }
    if (!fd) {
        throw system::posix_error(ErrorCode::refused, "open lock", path, errno);
    }
    return fd;
}

} // namespace

LockHolder lock_holder(const Report::By& by, std::string run, system::WallTime started) {
    return {std::to_string(::getpid()), by.user, by.host, std::move(run),
            system::format_rfc3339(started)};
}

Locks::Locks(const std::filesystem::path& directory, std::vector<std::string> resources,
             const LockHolder& holder, std::chrono::milliseconds patience,
             const system::Clock& clock, system::StopToken stop)
    : holder_(holder) {
    make_state_directory(directory);
    // The same order for everybody: no two runs wait for each other.
    std::sort(resources.begin(), resources.end());
    resources.erase(std::unique(resources.begin(), resources.end()), resources.end());
    const auto deadline = clock.steady() + patience;
    constexpr std::chrono::milliseconds between_tries{100};
    for (const auto& resource : resources) {
        const auto path = directory / file_name(resource);
        auto fd = open_lock(path);
        while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
            if (clock.steady() >= deadline) {
                throw Error(
                    ErrorCode::locked,
                    fmt::format("cannot lock {}: {} holds it", resource, describe_holder(path)),
                    "watch it with 'drctl runs follow', or wait with --lock-timeout 10m");
            }
            if (!clock.wait_for(between_tries, stop)) {
                stop.throw_if_requested();
            }
        }
        write_holder(fd.get(), holder_);
        held_.push_back({path, std::move(fd)});
    }
}

void Locks::announce(const std::string& run_id) {
    holder_.run = run_id;
    for (const auto& held : held_) {
        write_holder(held.fd.get(), holder_);
    }
}

std::vector<LockHolder> lock_holders(const std::filesystem::path& directory) {
    const auto held = held_locks();
    std::vector<LockHolder> holders;
    std::set<std::string> seen;
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(directory, missing)) {
        const auto holder = read_holder(entry.path());
        const auto identity = system::identity_of(entry.path());
        if (holder && identity && held.contains({holder->pid, std::to_string(identity->inode)}) &&
            seen.insert(holder->pid).second) {
            holders.push_back(*holder);
        }
    }
    return holders;
}

} // namespace drctl::engine
