// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/monitor.hpp"

#include "drctl/error.hpp"

#include <array>
#include <csignal>
#include <poll.h>
#include <utility>

namespace drctl::postgres::restore {

Monitor::Monitor(system::StopToken outer) : relay_([this, outer] { relay(outer); }) {}

Monitor::~Monitor() {
    closing_.request(SIGTERM);
    relay_.join();
}

void Monitor::fail(std::exception_ptr failure) noexcept {
    {
        const auto guard = enter();
        if (failure_ != nullptr) {
            return;
        }
        failure_ = std::move(failure);
    }
    abort_.request(SIGTERM);
    changed();
}

/// Condition variables know nothing of descriptors: somebody must wait for the outer token.
void Monitor::relay(system::StopToken outer) noexcept {
    std::array<pollfd, 2> watch{pollfd{outer.wait_fd(), POLLIN, 0},
                                pollfd{closing_.token().wait_fd(), POLLIN, 0}};
    while (!outer.stop_requested() && !closing_.token().stop_requested()) {
        ::poll(watch.data(), watch.size(), -1);
    }
    try {
        outer.throw_if_requested();
    } catch (const Error&) {
        fail(std::current_exception());
    }
}

} // namespace drctl::postgres::restore
