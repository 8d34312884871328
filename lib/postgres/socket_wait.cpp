// SPDX-License-Identifier: Apache-2.0
#include "postgres/socket_wait.hpp"

#include <array>
#include <poll.h>

namespace drctl::postgres {
namespace {

system::SteadyTime now() {
    return std::chrono::steady_clock::now();
}

} // namespace

short wait_for_socket(int socket, short events, system::StopToken stop,
                      std::optional<system::SteadyTime> deadline) {
    std::array<pollfd, 2> watch{pollfd{socket, events, 0}, pollfd{stop.wait_fd(), POLLIN, 0}};
    while (true) {
        stop.throw_if_requested();
        const int timeout = deadline ? system::poll_timeout(now(), *deadline) : -1;
        if (::poll(watch.data(), watch.size(), timeout) > 0 && watch[0].revents != 0) {
            return watch[0].revents;
        }
        if (deadline && now() >= *deadline) {
            return 0;
        }
    }
}

} // namespace drctl::postgres
