// SPDX-License-Identifier: Apache-2.0
#include "engine/state_directory.hpp"

#include "system/files.hpp"
#include "system/posix_error.hpp"
#include "system/users.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drctl::engine {
namespace {

namespace fs = std::filesystem;

/// Who may not give it away keeps it to himself: that costs looking, not acting.
void give_to_readers(const fs::path& state) {
    const auto group = system::find_group(readers_group);
    constexpr mode_t readable_and_inherited = S_ISGID | 0750;
    if (group && ::chown(state.c_str(), static_cast<uid_t>(-1), *group) == 0) {
        static_cast<void>(::chmod(state.c_str(), readable_and_inherited));
    }
}

bool is_denied(const Error& error) {
    const auto name = error.context_value("errno");
    return name == "EACCES" || name == "EPERM";
}

} // namespace

Error no_access(std::string_view what, const fs::path& path) {
    return {ErrorCode::refused,
            fmt::format("cannot {} '{}': permission denied", what, path.string()),
            fmt::format("run the same command by sudo; to look only, join group {0}: sudo usermod "
                        "-aG {0} $USER",
                        readers_group)};
}

bool make_new_directory(const fs::path& directory) {
    constexpr mode_t mode = 0750;
    if (::mkdir(directory.c_str(), mode) == 0) {
        // Not less for the group than asked for, whatever the umask; its bit is inherited.
        struct stat status {};
        if (::stat(directory.c_str(), &status) == 0) {
            static_cast<void>(::chmod(directory.c_str(), mode | (status.st_mode & S_ISGID)));
        }
        system::sync_directory(directory.parent_path());
        return true;
    }
    if (errno == EEXIST) {
        return false;
    }
    const auto error = system::posix_error(ErrorCode::failed, "make directory", directory, errno);
    throw is_denied(error) ? no_access("make directory", directory) : error;
}

system::UniqueFd open_for_readers(const fs::path& path, int flags) {
    constexpr mode_t mode = 0640;
    system::UniqueFd fd(::open(path.c_str(), flags | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode));
    if (fd) {
        static_cast<void>(::fchmod(fd.get(), mode)); // it may be somebody else's
    }
    return fd;
}

void make_state_directory(const fs::path& directory) {
    const auto state = directory.parent_path();
    std::error_code unknown;
    try {
        if (!fs::exists(state, unknown)) {
            system::make_directories(state);
            give_to_readers(state);
        }
        system::make_directories(directory);
    } catch (const Error& error) {
        if (is_denied(error)) {
            throw no_access("make directory", directory);
        }
        throw;
    }
}

} // namespace drctl::engine
