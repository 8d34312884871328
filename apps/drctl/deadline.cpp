// SPDX-License-Identifier: Apache-2.0
#include "deadline.hpp"

#include <csignal>

namespace drctl::app {

Deadline::Deadline(std::optional<std::chrono::milliseconds> after, const system::Clock& clock,
                   system::StopSource& stop) {
    if (after) {
        waiter_ = std::thread([this, deadline = *after, &clock, &stop] {
            if (clock.wait_for(deadline, cancelled_.token())) {
                stop.request(SIGALRM);
            }
        });
    }
}

Deadline::~Deadline() {
    if (waiter_.joinable()) {
        cancelled_.request(SIGALRM);
        waiter_.join();
    }
}

} // namespace drctl::app
