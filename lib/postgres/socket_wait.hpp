// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/clock.hpp"
#include "system/stop.hpp"

#include <optional>

namespace drctl::postgres {

/// poll(2) on a socket and a stop token. Returns the socket's events, 0 when the time is over;
/// throws Error(interrupted) when stop is requested.
short wait_for_socket(int socket, short events, system::StopToken stop,
                      std::optional<system::SteadyTime> deadline);

} // namespace drctl::postgres
