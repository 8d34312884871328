// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/clock.hpp"
#include "system/stop.hpp"

#include <chrono>
#include <optional>
#include <thread>

namespace drctl::app {

/// `--timeout`: asks for a stop, as SIGALRM would, once the time is over. Nothing without one.
class Deadline {
  public:
    Deadline(std::optional<std::chrono::milliseconds> after, const system::Clock& clock,
             system::StopSource& stop);
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;
    ~Deadline();

  private:
    system::StopSource cancelled_;
    std::thread waiter_;
};

} // namespace drctl::app
