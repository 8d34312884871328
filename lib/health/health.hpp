// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/types.hpp"
#include "system/clock.hpp"
#include "system/http.hpp"
#include "system/process.hpp"
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

/// Looks every `interval` until `passes` in a row are healthy, `failures` in a row unhealthy, or
/// as many in a row unknown. One that never settles is unknown after four times that many
/// looks. For "is it down?" before anything is changed. Throws Error(interrupted).
Verdict assess(Probe& probe, const config::Health& policy, const system::Clock& clock,
               system::StopToken stop);

/// Looks every `interval` until `passes` in a row are healthy or `deadline` has passed, counted
/// from now; then the verdict is that of the last look that was not healthy. For "has it come
/// back?" after a change. Throws Error(interrupted).
Verdict wait_until_healthy(Probe& probe, const config::Health& policy, const system::Clock& clock,
                           system::StopToken stop);

/// Looks once at a [database.*] by name: one connection and a trivial query, within `timeout`.
using LookAtDatabase = std::function<Reading(const std::string& database, config::Duration timeout,
                                             system::StopToken stop)>;

/// What probes look with. Must outlive them.
struct Tools {
    system::HttpClient& http;
    const system::ProcessRunner& processes;
    LookAtDatabase look_at_database;
};

/// Makes the probe that `configuration` describes.
std::unique_ptr<Probe> make_probe(const config::Health& configuration, const Tools& tools);

} // namespace drctl::health
