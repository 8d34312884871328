// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "system/stop.hpp"

#include <chrono>

namespace drctl::system {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

/// The time, injected so that tests decide what it is.
class DRCTL_API Clock {
  public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    /// For deadlines and durations.
    [[nodiscard]] virtual SteadyTime steady() const = 0;
    /// For stamps that people and files see.
    [[nodiscard]] virtual WallTime wall() const = 0;
    /// Waits until `when` or until stop is requested; false if it was stopped.
    virtual bool wait_until(SteadyTime when, StopToken stop) const = 0;

    bool wait_for(std::chrono::milliseconds duration, StopToken stop) const {
        return wait_until(steady() + duration, stop);
    }
};

class DRCTL_API SystemClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override;
    [[nodiscard]] WallTime wall() const override;
    bool wait_until(SteadyTime when, StopToken stop) const override;
};

/// How long ago `then` was; zero where it still lies ahead, as the clocks of two hosts may differ.
[[nodiscard]] inline std::chrono::seconds age_of(WallTime then, WallTime now) noexcept {
    return then > now ? std::chrono::seconds(0)
                      : std::chrono::duration_cast<std::chrono::seconds>(now - then);
}

/// Milliseconds from now to `deadline` as poll(2) takes them: never negative, never infinite.
[[nodiscard]] int poll_timeout(SteadyTime now, SteadyTime deadline) noexcept;

} // namespace drctl::system
