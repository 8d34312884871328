// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/http.hpp"
#include "system/stop.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace drctl::system {

/// Connects to `host:port` (`[::1]:80` for IPv6 addresses) and closes again. Nothing on success,
/// else why not, told apart as for HTTP. All addresses of the name are tried. Throws
/// Error(interrupted) if stopped, Error(usage) if `host_port` is none.
[[nodiscard]] std::optional<HttpFailure> try_tcp(const std::string& host_port,
                                                 std::chrono::milliseconds timeout, StopToken stop);

} // namespace drctl::system
