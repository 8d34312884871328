// SPDX-License-Identifier: Apache-2.0
#include "engine/lock.hpp"

#include "drctl/error.hpp"
#include "system/files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <nlohmann/json.hpp>
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
    const auto text = body.dump() + "\n";
    // For people only: a failure to write it must not cost the lock.
    if (::ftruncate(fd, 0) == 0) {
        static_cast<void>(!::pwrite(fd, text.data(), text.size(), 0));
    }
}

std::string describe_holder(const std::filesystem::path& path) {
    std::string text;
    try {
        text = system::read_file(path);
    } catch (const Error&) {
        return "another run";
    }
    const auto body = json::parse(text, nullptr, false);
    if (!body.is_object()) {
        return "another run";
    }
    const auto run = body.value("run", "");
    return fmt::format("{} (process {} of {} on {}, since {})",
                       run.empty() ? std::string("a run that is being planned") : "run " + run,
                       body.value("pid", "?"), body.value("user", "?"), body.value("host", "?"),
                       body.value("started", "?"));
}

system::UniqueFd open_lock(const std::filesystem::path& path) {
    system::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
    if (!fd) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot open lock '{}': {}", path.string(), std::strerror(errno)),
                    "run it as root, or as the user that owns the state directory");
    }
    return fd;
}

} // namespace

Locks::Locks(const std::filesystem::path& directory, std::vector<std::string> resources,
             const LockHolder& holder, std::chrono::milliseconds patience,
             const system::Clock& clock, system::StopToken stop)
    : holder_(holder) {
    system::make_directories(directory);
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

} // namespace drctl::engine
