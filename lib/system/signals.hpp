// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "system/stop.hpp"

#include <memory>

namespace drctl::system {

/// Turns signals into stop requests. Construct it in main before any thread starts: it blocks
/// SIGINT, SIGTERM and SIGHUP for all threads, ignores SIGPIPE, and reads them on a thread of
/// its own.
///
/// First SIGINT or SIGTERM: a stop is requested. Second: the process ends at once with
/// 128 + signal; the journal makes that resumable and children die with us.
/// SIGHUP is like SIGTERM until protect_from_hangup(), and ignored afterwards. SIGINT and SIGHUP
/// that were ignored when we were started stay so.
class DRCTL_API SignalWatcher {
  public:
    explicit SignalWatcher(StopSource& stop);
    SignalWatcher(const SignalWatcher&) = delete;
    SignalWatcher& operator=(const SignalWatcher&) = delete;
    ~SignalWatcher();

    /// From here on the run is confirmed: a vanished terminal does not end it.
    void protect_from_hangup() noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace drctl::system
