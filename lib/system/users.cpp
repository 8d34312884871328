// SPDX-License-Identifier: Apache-2.0
#include "system/users.hpp"

#include "drctl/error.hpp"
#include "system/posix_error.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <fmt/core.h>
#include <grp.h>
#include <pwd.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace drctl::system {
namespace {

std::vector<gid_t> groups_of(const char* name, gid_t primary) {
    std::vector<gid_t> groups(32);
    int count = static_cast<int>(groups.size());
    while (::getgrouplist(name, primary, groups.data(), &count) < 0) {
        groups.resize(groups.size() * 2);
        count = static_cast<int>(groups.size());
    }
    groups.resize(static_cast<std::size_t>(count));
    return groups;
}

/// Calls `look` (getpwnam_r or getpwuid_r with its key bound) with a buffer that is large enough.
template <typename Look>
std::optional<User> look_up(Look look) {
    std::vector<char> buffer(1024);
    passwd entry{};
    passwd* found = nullptr;
    int error = look(&entry, buffer, &found);
    while (error == ERANGE || error == EINTR) {
        buffer.resize(buffer.size() * 2);
        error = look(&entry, buffer, &found);
    }
    // "No such user" comes as success without an entry, or, by some name services, as these.
    if (found == nullptr && error != 0 && error != ENOENT && error != ESRCH) {
        throw posix_error(ErrorCode::unreachable, "ask for a user account", error);
    }
    if (found == nullptr) {
        return std::nullopt;
    }
    return User{found->pw_name, found->pw_uid, found->pw_gid,
                groups_of(found->pw_name, found->pw_gid), found->pw_dir};
}

constexpr auto unchanged = static_cast<uid_t>(-1);

/// The bare system call: glibc's seteuid() changes all threads.
bool set_thread_effective_uid(uid_t uid) noexcept {
    return ::syscall(SYS_setresuid, unchanged, uid, unchanged) == 0;
}

} // namespace

std::optional<User> find_user(const std::string& name) {
    return look_up([&name](passwd* entry, std::vector<char>& buffer, passwd** found) {
        return ::getpwnam_r(name.c_str(), entry, buffer.data(), buffer.size(), found);
    });
}

std::optional<gid_t> find_group(const std::string& name) {
    std::array<char, 16384> buffer{};
    group entry{};
    group* found = nullptr;
    const int failed = ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    return failed == 0 && found != nullptr ? std::optional(entry.gr_gid) : std::nullopt;
}

User current_user() {
    const auto uid = ::geteuid();
    auto user = look_up([uid](passwd* entry, std::vector<char>& buffer, passwd** found) {
        return ::getpwuid_r(uid, entry, buffer.data(), buffer.size(), found);
    });
    // Containers run as users that no name service knows.
    return user ? *user : User{fmt::format("#{}", uid), uid, ::getegid(), {::getegid()}, "/"};
}

bool running_as_root() noexcept {
    return ::geteuid() == 0;
}

std::string host_name() {
    std::array<char, HOST_NAME_MAX + 1> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) {
        throw posix_error(ErrorCode::failed, "read the host's name", errno);
    }
    return name.data();
}

ActAs::ActAs(const User& user) : before_(::geteuid()) {
    if (before_ == user.uid) {
        return;
    }
    if (!set_thread_effective_uid(user.uid)) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot act as user '{}': {}", user.name, errno_text(errno)),
                    "run the same command as that user or by sudo");
    }
    switched_ = true;
}

ActAs::~ActAs() {
    // Going on as the wrong user would be worse than not going on.
    if (switched_ && !set_thread_effective_uid(before_)) {
        std::abort();
    }
}

} // namespace drctl::system
