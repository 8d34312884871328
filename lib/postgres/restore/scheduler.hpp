// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/restore/lock.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace drctl::postgres::restore {

/// Which sessions may do a job: the one whose state is that of a psql running the dump, or any
/// of those that load and build.
enum class Lane { main, any };

/// What comes first when several jobs could start: rows keep the reader going; the rest can be
/// made up for later.
enum class Rank { load, build, upkeep };

/// What the scheduler knows of a piece of work.
struct Job {
    Lane lane = Lane::any;
    /// Starts when everything added before has ended; nothing added later starts before its end.
    bool barrier = false;
    /// Locks that it takes beside those that conflict with nothing here.
    std::vector<Lock> locks;
    Rank rank = Rank::build;
    /// How long it takes, compared with other jobs: of equal rank the longest starts first.
    double cost = 0;
};

/// Decides what may run now. Jobs are started in an order that gives the same result as one after
/// the other as they were added: one that conflicts with an earlier one waits for its end. As a
/// job that runs never waits for the lock of another one that runs, there is no deadlock.
/// Jobs of the main lane start in the order they were added.
///
/// Adding and ending are cheap (the conflicts of one table, never all jobs), so that a dump may
/// have a hundred thousand of them. Not thread-safe.
class Scheduler {
  public:
    using Id = std::uint64_t;

    Id add(Job job);
    /// A job to run now, or nothing as long as others must end before.
    std::optional<Id> take(Lane lane);
    /// A job that was taken has ended.
    void done(Id id);

    /// Jobs added that have not ended.
    [[nodiscard]] std::size_t unfinished() const noexcept { return jobs_.size() + outside_.size(); }
    /// Jobs of lane `any` that could be taken now.
    [[nodiscard]] std::size_t ready() const noexcept { return ready_.size(); }
    [[nodiscard]] const Job& job(Id id) const { return jobs_.at(id).job; }
    /// Cost of all unfinished jobs of rank `build`.
    [[nodiscard]] double pending_builds() const noexcept { return pending_builds_; }

  private:
    struct Admitted {
        Job job;
        std::size_t blockers = 0; ///< earlier unfinished jobs that it conflicts with
    };
    struct Claim {
        Id id;
        LockMode mode;
    };

    void admit_all();
    void admit(Id id, Job job);
    void offer(Id id);
    void release(Id id, const Lock& lock);

    Id next_ = 0;
    std::map<Id, Admitted> jobs_;            ///< admitted and unfinished
    std::deque<std::pair<Id, Job>> outside_; ///< behind a barrier
    bool barrier_inside_ = false;
    std::unordered_map<std::string, std::vector<Claim>> claims_; ///< of each resource, in order
    std::set<std::tuple<Rank, double, Id>> ready_;               ///< of lane `any`, best first
    std::deque<Id> main_;                                        ///< of lane `main`, not taken
    double pending_builds_ = 0;
};

} // namespace drctl::postgres::restore
