// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/types.hpp"
#include "system/clock.hpp"
#include "system/process.hpp"
#include "system/stop.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace drctl::service {

/// What a service manager says of a service, and what starts it again behind our back.
struct Status {
    enum class Activity {
        running,
        starting,
        stopping, ///< still going down
        stopped,
        failed
    } activity = Activity::stopped;
    bool runs_once = false; ///< it ends by itself, and has then done its work
    bool startable = true;  ///< false: masked or disabled; then it is not started at the end
    std::string detail;     ///< the manager's own words, one line
    std::optional<system::WallTime> since; ///< it is so, where the manager tells
};

/// A service that can be started, stopped and held down. Every call is idempotent; none returns
/// before the manager says that it is so. All throw Error(failed) with the manager's
/// words, Error(unreachable) where the manager itself cannot be asked, Error(refused) where
/// we may not.
class Service {
  public:
    Service() = default;
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    virtual ~Service() = default;

    [[nodiscard]] virtual const std::string& name() const = 0;
    /// What a lock on it is called: two sections of the configuration may mean the same unit.
    [[nodiscard]] virtual std::string resource() const = 0;
    /// What this account may not do with it, in words; nothing if it may.
    [[nodiscard]] virtual std::vector<std::string> forbidden() const = 0;
    [[nodiscard]] virtual Status status(system::StopToken stop) = 0;
    virtual void start(system::StopToken stop) = 0;
    virtual void stop(system::StopToken stop) = 0;

    /// Keeps it down once it is stopped, until release(): neither a restart policy nor a socket or
    /// timer unit starts it meanwhile, and start() is an Error(refused). A reboot releases it by
    /// itself. Held and stopped are two things: hold(), stop(), then release(), start().
    virtual void hold(system::StopToken stop) = 0;
    /// Also by another process than the one that held it. Sockets and timers that were active
    /// are so again; the service itself is left as it is, but one that is going down is waited for.
    virtual void release(system::StopToken stop) = 0;
    [[nodiscard]] virtual bool held() const = 0;

    /// The last lines the service said (journal of the unit, output of the last command); empty
    /// where they cannot be read. They are the service's own and may hold anything: fit for a
    /// terminal, not for the journal of a run.
    [[nodiscard]] virtual std::string last_words(system::StopToken stop) = 0;
};

/// Where services are held down: volatile directories, so that a reboot releases them.
struct Places {
    std::filesystem::path systemd_units = "/run/systemd/system";
    std::filesystem::path command_holds = "/run/drctl/holds";
};

/// Makes the service that `configuration` describes; throws Error(usage) where that cannot be.
/// `processes` must outlive it.
std::unique_ptr<Service> make_service(const config::Service& configuration,
                                      const system::ProcessRunner& processes,
                                      const Places& places = {});

} // namespace drctl::service
