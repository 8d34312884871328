// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "drctl/report.hpp"
#include "system/clock.hpp"
#include "system/unique_fd.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace drctl::engine {

/// Who holds a lock, written into its file for people.
struct LockHolder {
    std::string pid;
    std::string user;
    std::string host;
    std::string run;     ///< may be empty: not yet begun
    std::string started; ///< RFC 3339
};

/// This process.
[[nodiscard]] LockHolder lock_holder(const Report::By& by, std::string run,
                                     system::WallTime started);

/// flock(2) on one file per resource, all or none, in sorted order. A dead holder frees them by
/// itself, children do not inherit them (O_CLOEXEC), a live one is never broken.
class DRCTL_API Locks {
  public:
    /// Waits up to `patience` for other holders; then throws Error(locked) that names the
    /// holder. `directory` is made if missing.
    Locks(const std::filesystem::path& directory, std::vector<std::string> resources,
          const LockHolder& holder, std::chrono::milliseconds patience, const system::Clock& clock,
          system::StopToken stop);

    /// Writes the run's id into the lock files once it is known.
    void announce(const std::string& run_id);

  private:
    struct Held {
        std::filesystem::path path;
        system::UniqueFd fd;
    };
    LockHolder holder_;
    std::vector<Held> held_;
};

/// Those who hold locks below `directory` right now, each once. Looks without touching: a lock
/// taken to find out could be the one that somebody fails on.
[[nodiscard]] DRCTL_API std::vector<LockHolder>
lock_holders(const std::filesystem::path& directory);

} // namespace drctl::engine
