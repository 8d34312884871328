// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/scheduler.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

namespace drctl::postgres::restore {
namespace {

using Id = Scheduler::Id;

Job job_on(const std::string& table, LockMode mode, double cost = 0) {
    Job job;
    job.locks = {{table, mode}};
    job.cost = cost;
    return job;
}

Job on_main(std::vector<Lock> locks = {}) {
    Job job;
    job.lane = Lane::main;
    job.locks = std::move(locks);
    return job;
}

Job barrier(Lane lane = Lane::main) {
    Job job;
    job.lane = lane;
    job.barrier = true;
    return job;
}

TEST(Scheduler, StartsWhatDoesNotConflictAtOnce) {
    Scheduler scheduler;
    const auto one = scheduler.add(job_on("t", LockMode::share, 1));
    const auto other = scheduler.add(job_on("t", LockMode::share, 2));
    EXPECT_EQ(scheduler.take(Lane::any), other); // longest first
    EXPECT_EQ(scheduler.take(Lane::any), one);
    EXPECT_EQ(scheduler.take(Lane::any), std::nullopt);
}

TEST(Scheduler, MakesConflictingJobsWaitInTheOrderTheyWereAdded) {
    Scheduler scheduler;
    const auto load = scheduler.add(job_on("t", LockMode::row_exclusive));
    const auto index = scheduler.add(job_on("t", LockMode::share, 5));
    const auto key = scheduler.add(job_on("t", LockMode::access_exclusive, 9));
    EXPECT_EQ(scheduler.take(Lane::any), load);
    EXPECT_EQ(scheduler.take(Lane::any), std::nullopt);
    scheduler.done(load);
    EXPECT_EQ(scheduler.take(Lane::any), index);
    EXPECT_EQ(scheduler.take(Lane::any), std::nullopt);
    scheduler.done(index);
    EXPECT_EQ(scheduler.take(Lane::any), key);
    scheduler.done(key);
    EXPECT_EQ(scheduler.unfinished(), 0U);
}

TEST(Scheduler, LetsNothingOvertakeAWaitingJobThatItConflictsWith) {
    Scheduler scheduler;
    const auto first = scheduler.add(job_on("t", LockMode::share));
    ASSERT_EQ(scheduler.take(Lane::any), first);
    const auto key = scheduler.add(job_on("t", LockMode::access_exclusive));
    const auto later = scheduler.add(job_on("t", LockMode::share));
    EXPECT_EQ(scheduler.take(Lane::any),
              std::nullopt); // could run beside `first`, but not before `key`
    scheduler.done(first);
    EXPECT_EQ(scheduler.take(Lane::any), key);
    scheduler.done(key);
    EXPECT_EQ(scheduler.take(Lane::any), later);
}

TEST(Scheduler, PrefersLoadingToBuildingToUpkeep) {
    Scheduler scheduler;
    auto upkeep = job_on("a", LockMode::share, 100);
    upkeep.rank = Rank::upkeep;
    auto load = job_on("c", LockMode::share, 0);
    load.rank = Rank::load;
    const auto third = scheduler.add(upkeep);
    const auto second = scheduler.add(job_on("b", LockMode::share, 1));
    const auto first = scheduler.add(load);
    EXPECT_EQ(scheduler.take(Lane::any), first);
    EXPECT_EQ(scheduler.take(Lane::any), second);
    EXPECT_EQ(scheduler.take(Lane::any), third);
}

TEST(Scheduler, RunsABarrierAlone) {
    Scheduler scheduler;
    const auto before = scheduler.add(job_on("t", LockMode::share));
    const auto wall = scheduler.add(barrier());
    const auto after = scheduler.add(job_on("u", LockMode::share));
    EXPECT_EQ(scheduler.take(Lane::main), std::nullopt);
    EXPECT_EQ(scheduler.take(Lane::any), before);
    EXPECT_EQ(scheduler.take(Lane::any), std::nullopt);
    scheduler.done(before);
    EXPECT_EQ(scheduler.take(Lane::main), wall);
    EXPECT_EQ(scheduler.take(Lane::any), std::nullopt);
    scheduler.done(wall);
    EXPECT_EQ(scheduler.take(Lane::any), after);
}

TEST(Scheduler, KeepsTheOrderOfTheMainLane) {
    Scheduler scheduler;
    const auto build = scheduler.add(job_on("t", LockMode::share));
    const auto first = scheduler.add(on_main({{"t", LockMode::access_exclusive}}));
    const auto second = scheduler.add(on_main());
    EXPECT_EQ(scheduler.take(Lane::main), std::nullopt); // though the second one could
    ASSERT_EQ(scheduler.take(Lane::any), build);
    scheduler.done(build);
    EXPECT_EQ(scheduler.take(Lane::main), first);
    EXPECT_EQ(scheduler.take(Lane::main), second);
}

TEST(Scheduler, DoesNotBlockAJobByItself) {
    Scheduler scheduler;
    Job self_reference;
    self_reference.locks = {{"t", LockMode::share_update_exclusive}, {"t", LockMode::row_share}};
    const auto first = scheduler.add(self_reference);
    const auto second = scheduler.add(self_reference);
    EXPECT_EQ(scheduler.take(Lane::any), first);
    EXPECT_EQ(scheduler.take(Lane::any), std::nullopt);
    scheduler.done(first);
    EXPECT_EQ(scheduler.take(Lane::any), second);
}

TEST(Scheduler, KnowsHowMuchBuildingIsLeft) {
    Scheduler scheduler;
    const auto build = scheduler.add(job_on("t", LockMode::share, 7));
    auto load = job_on("u", LockMode::share, 5);
    load.rank = Rank::load;
    scheduler.add(load);
    EXPECT_EQ(scheduler.pending_builds(), 7);
    while (scheduler.take(Lane::any) != build) {
    }
    scheduler.done(build);
    EXPECT_EQ(scheduler.pending_builds(), 0);
}

/// Runs random jobs on random sessions and checks at every step what must never happen.
class RandomRun {
  public:
    explicit RandomRun(unsigned seed) : random_(seed) {}

    void go() {
        while (ended_ < total || added_.size() < total) {
            if (added_.size() < total && pick(2) == 0) {
                add();
            } else if (pick(2) == 0) {
                start(pick(3) == 0 ? Lane::main : Lane::any);
            } else {
                end_one();
            }
            if (added_.size() == total && running_.empty()) {
                start(Lane::main);
                start(Lane::any);
                ASSERT_FALSE(running_.empty() && ended_ < total) << "nobody can go on";
            }
        }
        EXPECT_EQ(scheduler_.unfinished(), 0U);
    }

  private:
    static constexpr std::size_t total = 300;

    std::size_t pick(std::size_t below) { return random_() % below; }

    void add() {
        Job job;
        job.lane = pick(4) == 0 ? Lane::main : Lane::any;
        job.barrier = pick(25) == 0;
        job.rank = static_cast<Rank>(pick(3));
        job.cost = static_cast<double>(pick(5));
        for (auto locks = pick(4); locks > 0; --locks) {
            job.locks.push_back(
                {std::string(1, static_cast<char>('a' + pick(6))), static_cast<LockMode>(pick(8))});
        }
        added_.push_back(job);
        ASSERT_EQ(scheduler_.add(std::move(job)), added_.size() - 1);
    }

    void start(Lane lane) {
        if (const auto id = scheduler_.take(lane)) {
            EXPECT_EQ(added_[*id].lane, lane);
            for (Id other = 0; other < added_.size(); ++other) {
                check_against(*id, other);
            }
            running_.push_back(*id);
            started_.insert(*id);
        }
    }

    void check_against(Id id, Id other) {
        const bool runs = std::find(running_.begin(), running_.end(), other) != running_.end();
        const bool waits = other < id && !started_.contains(other);
        const bool main_order = added_[id].lane == Lane::main && added_[other].lane == Lane::main;
        EXPECT_FALSE((runs || waits) && excludes(added_[id], added_[other]))
            << id << " was started in spite of " << other;
        EXPECT_FALSE(waits && main_order) << id << " has overtaken " << other;
    }

    static bool excludes(const Job& one, const Job& other) {
        return one.barrier || other.barrier ||
               std::any_of(one.locks.begin(), one.locks.end(), [&](const Lock& a) {
                   return std::any_of(other.locks.begin(), other.locks.end(), [&](const Lock& b) {
                       return a.resource == b.resource && conflict(a.mode, b.mode);
                   });
               });
    }

    void end_one() {
        if (!running_.empty()) {
            const auto at = running_.begin() + static_cast<std::ptrdiff_t>(pick(running_.size()));
            scheduler_.done(*at);
            running_.erase(at);
            ++ended_;
        }
    }

    std::mt19937 random_;
    Scheduler scheduler_;
    std::vector<Job> added_;
    std::vector<Id> running_;
    std::set<Id> started_;
    std::size_t ended_ = 0;
};

TEST(Scheduler, NeverRunsConflictingJobsTogetherOrOutOfOrderAndNeverStandsStill) {
    for (unsigned seed = 0; seed < 50; ++seed) {
        SCOPED_TRACE(seed);
        RandomRun(seed).go();
    }
}

} // namespace
} // namespace drctl::postgres::restore
