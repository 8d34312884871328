// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/report.hpp"
#include "engine/environment.hpp"
#include "engine/ladder.hpp"
#include "engine/procedure.hpp"
#include "engine/run_store.hpp"
#include "system/clock.hpp"

#include <string_view>

namespace drctl::engine {

/// The ways in which a climb ends: what the report says, whether the run ends too, and the line in
/// the system's log.
class Ending {
  public:
    Ending(const Environment& world, Procedure& procedure, const RunRequest& request)
        : world_(world), procedure_(procedure), request_(request), started_(world.clock.wall()) {}

    /// From now on there is a run that ends with it.
    void follow(Run& run, Observer& observer) {
        run_ = &run;
        observer_ = &observer;
    }
    [[nodiscard]] system::WallTime started() const noexcept { return started_; }

    /// All that is known so far; the outcome still to be set.
    [[nodiscard]] Report base() const;
    /// The run ends with that report.
    Report finish(Report report);
    Report healthy(const Assessment& assessment);
    Report blocked(const Assessment& assessment);
    Report failed(Outcome outcome, const Error& error);
    Report failed(const Error& error);
    /// Only this process ends: the same command continues the run.
    Report paused(const Error& error);
    Report interrupted(int signal);

  private:
    Report stopped_by_hand(Report report, int signal);
    Report leave(Report report, std::string_view how);
    void keep_until_the_end(Report& report) const;
    void log(const Report& report, std::string_view how) const;
    [[nodiscard]] Outcome unless_replaced(Outcome outcome) const;
    [[nodiscard]] bool has_changed_something() const;

    const Environment& world_;
    Procedure& procedure_;
    const RunRequest& request_;
    system::WallTime started_;
    Run* run_ = nullptr;
    Observer* observer_ = nullptr;
};

} // namespace drctl::engine
