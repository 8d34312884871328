// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "system/unique_fd.hpp"

#include <atomic>

namespace drctl::system {

class StopSource;

/// Tells that somebody asked us to stop. Cheap to copy; must not outlive its source.
/// Waits poll `wait_fd()` beside what they wait for.
class DRCTL_API StopToken {
  public:
    /// A token that never fires.
    StopToken() = default;

    [[nodiscard]] bool stop_requested() const noexcept;
    /// The signal that asked (SIGINT, SIGTERM), or 0.
    [[nodiscard]] int signal() const noexcept;
    /// Readable once stop was requested; -1 for a token that never fires (poll ignores it).
    [[nodiscard]] int wait_fd() const noexcept;
    /// Throws Error(interrupted) if stop was requested.
    void throw_if_requested() const;

  private:
    friend class StopSource;
    explicit StopToken(const StopSource* source) noexcept : source_(source) {}
    const StopSource* source_ = nullptr;
};

/// Where stop requests come from: the signal watcher, `--timeout`, or a test.
class DRCTL_API StopSource {
  public:
    StopSource();
    StopSource(const StopSource&) = delete;
    StopSource& operator=(const StopSource&) = delete;

    void request(int signal) noexcept;
    [[nodiscard]] StopToken token() const noexcept { return StopToken(this); }

  private:
    friend class StopToken;
    UniqueFd event_;
    std::atomic<int> signal_{0};
};

} // namespace drctl::system
