// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/observer.hpp"
#include "engine/run_store.hpp"
#include "system/clock.hpp"
#include "system/stop.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace drctl::engine {

/// Asks the person at the terminal. Never called where there is none.
class Prompter {
  public:
    Prompter() = default;
    Prompter(const Prompter&) = delete;
    Prompter& operator=(const Prompter&) = delete;
    virtual ~Prompter() = default;
    /// "go ahead?"; Enter means no.
    virtual bool go_ahead(const std::string& question) = 0;
    /// True if the person typed `target` to agree to the loss.
    virtual bool agree_to_loss(const std::string& target, const std::string& loss) = 0;
};

/// What the engine needs of the world. The composition root owns all of it.
struct Environment {
    const system::Clock& clock;
    system::StopToken stop;
    Observer& observer;
    Prompter& prompter;
    RunStore& store;
    /// Called once a run is confirmed: from then on a vanished terminal does not end it.
    std::function<void()> on_confirmed = [] {};
    /// One line for the system's log: start and end of a run.
    std::function<void(std::string_view)> log_event = [](std::string_view) {};
};

} // namespace drctl::engine
