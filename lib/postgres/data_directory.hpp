// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "postgres/control_file.hpp"
#include "system/files.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace drctl::postgres {

namespace fs = std::filesystem;

/// What postmaster.pid says, and whether it is true.
struct Postmaster {
    pid_t pid = 0;
    fs::path data_directory; ///< as the file has it
    std::string port;
    fs::path socket_directory;
    std::string status; ///< `ready`, `starting`, `stopping`, `standby`
    /// The process exists, is a `postgres` and works in this very directory.
    bool running = false;
};

/// A data directory as it lies on the disk, seen without a server. Read-only.
struct DataDirectory {
    enum class State {
        present,    ///< PG_VERSION is there
        missing,    ///< no such directory
        empty,      ///< a directory without entries (`lost+found` does not count)
        foreign,    ///< something else lies there
        unreadable, ///< we may not look
    } state = State::missing;
    fs::path path;        ///< as given
    std::string evidence; ///< one line about `state`
    std::optional<system::FileIdentity> identity;
    std::string major; ///< of PG_VERSION: `15`
    uid_t owner = 0;
    mode_t mode = 0; ///< permission bits
    std::optional<Postmaster> postmaster;
    bool standby_signal = false;
    bool recovery_signal = false;
    bool backup_label = false;
    ControlFileReading control;
    /// Symlinks out of it (pg_wal, tablespaces) that lead nowhere.
    std::vector<fs::path> dangling;
    /// Mount point of /etc/fstab that should hold it and is not mounted.
    std::optional<fs::path> unmounted;

    /// A server refuses to start with other permissions than 0700 and 0750.
    [[nodiscard]] bool permissions_fit() const noexcept { return (mode & 027) == 0; }
};

[[nodiscard]] DRCTL_API std::string_view name_of(DataDirectory::State state) noexcept;

/// Where to read what the system says; tests put files of their own there.
struct SystemFiles {
    fs::path fstab = "/etc/fstab";
    fs::path mounts = "/proc/self/mounts";
    fs::path proc = "/proc";
};

/// Throws nothing but std::bad_alloc: what cannot be seen is a value.
[[nodiscard]] DRCTL_API DataDirectory inspect_data_directory(const fs::path& path,
                                                             const SystemFiles& files = {});

/// The mount point of `fstab` at or above `path` that is not in `mounts`, or nothing.
[[nodiscard]] std::optional<fs::path> unmounted_volume_of(const fs::path& path,
                                                          const SystemFiles& files);

} // namespace drctl::postgres
