// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/types.hpp"
#include "system/clock.hpp"
#include "system/stop.hpp"

#include <functional>
#include <memory>
#include <string>

namespace drctl::health {

/// One look. `unhealthy`: the endpoint answered wrongly, refused or timed out. `unknown`: we never
/// got that far (name not resolved, no route); never a reason to act.
struct Reading {
    enum class State { healthy, unhealthy, unknown } state = State::unknown;
    std::string evidence; ///< what was seen, one line, redacted
};

/// Looks once, within the check's timeout. Throws only Error(interrupted).
class Probe {
  public:
    Probe() = default;
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;
    virtual ~Probe() = default;
    virtual Reading look(system::StopToken stop) = 0;
};

/// The verdict of several looks.
struct Verdict {
    Reading::State state = Reading::State::unknown;
    std::string evidence;
    unsigned looks = 0;
};

/// Looks every `interval` until `passes` in a row are healthy or `failures` in a row are not.
/// For "is it down?" before anything is changed.
Verdict assess(Probe& probe, const config::Health& policy, const system::Clock& clock,
               system::StopToken stop);

/// Looks until `passes` in a row are healthy or `deadline` has passed. For "has it come
/// back?" after a change.
Verdict wait_until_healthy(Probe& probe, const config::Health& policy, const system::Clock& clock,
                           system::StopToken stop);

} // namespace drctl::health
