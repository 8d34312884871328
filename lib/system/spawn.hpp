// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/process.hpp"
#include "system/unique_fd.hpp"

#include <sys/types.h>
#include <utility>

/// What the two ways of running a program (to its end, as a stream) have in common.
namespace drctl::system {

/// A running child and the ends of its pipes that are ours (non-blocking). One that has not been
/// reaped is killed and reaped by the destructor.
struct Spawned {
    pid_t pid = -1;   ///< also its process group; -1 once it has been reaped
    UniqueFd process; ///< pidfd: readable once the child has ended
    UniqueFd out;
    UniqueFd err;

    Spawned() = default;
    Spawned(Spawned&& other) noexcept
        : pid(std::exchange(other.pid, -1)), process(std::move(other.process)),
          out(std::move(other.out)), err(std::move(other.err)) {}
    Spawned& operator=(Spawned&&) = delete;
    ~Spawned();

    /// Signals the child's process group; nothing once it has been reaped.
    void signal_group(int signal) const noexcept;
    /// Takes the status of the ended child into `result`.
    void reap(ProcessResult& result) noexcept;
    void kill_and_reap(ProcessResult& result) noexcept;
};

/// Starts the program; returns once execve(2) has succeeded. Throws Error(unreachable) if the
/// program is not there or cannot be executed, Error(refused) if we may not become the user.
[[nodiscard]] Spawned spawn(const Argv& argv, const ProcessOptions& options);

} // namespace drctl::system
