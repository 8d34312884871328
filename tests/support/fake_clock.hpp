// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/clock.hpp"

#include <chrono>
#include <mutex>

namespace drctl::test {

/// A clock that stands still but for waits, which end at once and move it. Starts at
/// 2026-11-23T03:15:02Z. May be used from several threads.
class FakeClock final : public system::Clock {
  public:
    [[nodiscard]] system::SteadyTime steady() const override {
        const std::lock_guard lock(mutex_);
        return system::SteadyTime(std::chrono::hours(1)) + passed_;
    }
    [[nodiscard]] system::WallTime wall() const override {
        const std::lock_guard lock(mutex_);
        return start + std::chrono::duration_cast<system::WallTime::duration>(passed_);
    }
    bool wait_until(system::SteadyTime when, system::StopToken stop) const override {
        if (stop.stop_requested()) {
            return false;
        }
        const auto now = steady();
        if (when > now) {
            advance(when - now);
        }
        return true;
    }

    void advance(system::SteadyTime::duration by) const {
        const std::lock_guard lock(mutex_);
        passed_ += by;
    }
    /// How far it has moved since it was made.
    [[nodiscard]] system::SteadyTime::duration passed() const {
        const std::lock_guard lock(mutex_);
        return passed_;
    }

    static constexpr system::WallTime start{std::chrono::seconds(1795403702)};

  private:
    mutable std::mutex mutex_;
    mutable system::SteadyTime::duration passed_{0}; ///< waiting is const, and time passes
};

} // namespace drctl::test
