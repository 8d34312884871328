// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace drctl::system {

/// An operating-system account, as the name service knows it.
struct User {
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;
    std::string home;
};

[[nodiscard]] DRCTL_API std::optional<User> find_user(const std::string& name);
[[nodiscard]] DRCTL_API std::optional<gid_t> find_group(const std::string& name);
[[nodiscard]] DRCTL_API User current_user();
[[nodiscard]] DRCTL_API bool running_as_root() noexcept;
[[nodiscard]] DRCTL_API std::string host_name();

/// While it lives, this *thread* acts as `user` (effective uid only): a Unix-domain server
/// sees that user as its peer. Does nothing when the thread is that user already; throws
/// Error(refused) when the process may not switch. Other threads are not touched, which
/// is why it uses the bare system call.
class ActAs {
  public:
    explicit ActAs(const User& user);
    ActAs(const ActAs&) = delete;
    ActAs& operator=(const ActAs&) = delete;
    ~ActAs();

  private:
    uid_t before_;
    bool switched_ = false;
};

} // namespace drctl::system
