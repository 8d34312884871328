// SPDX-License-Identifier: Apache-2.0
#include "system/clock.hpp"

#include <algorithm>
#include <poll.h>

namespace drctl::system {

SteadyTime SystemClock::steady() const {
    return std::chrono::steady_clock::now();
}

WallTime SystemClock::wall() const {
    return std::chrono::system_clock::now();
}

bool SystemClock::wait_until(SteadyTime when, StopToken stop) const {
    while (!stop.stop_requested()) {
        const auto now = steady();
        if (now >= when) {
            return true;
        }
        pollfd watch{stop.wait_fd(), POLLIN, 0};
        ::poll(&watch, 1, poll_timeout(now, when));
    }
    return false;
}

int poll_timeout(SteadyTime now, SteadyTime deadline) noexcept {
    if (deadline <= now) {
        return 0;
    }
    // Rounded up, so that a wait of less than a millisecond does not spin.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now).count();
    constexpr std::int64_t most = 60'000;
    return static_cast<int>(std::min<std::int64_t>(left, most));
}

} // namespace drctl::system
