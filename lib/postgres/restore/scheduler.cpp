// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/scheduler.hpp"

#include <algorithm>
#include <utility>

namespace drctl::postgres::restore {

Scheduler::Id Scheduler::add(Job job) {
    const Id id = next_++;
    if (job.rank == Rank::build) {
        pending_builds_ += job.cost;
    }
    outside_.emplace_back(id, std::move(job));
    admit_all();
    return id;
}

std::optional<Scheduler::Id> Scheduler::take(Lane lane) {
    if (lane == Lane::main) {
        if (main_.empty() || jobs_.at(main_.front()).blockers > 0) {
            return std::nullopt;
        }
        const Id id = main_.front();
        main_.pop_front();
        return id;
    }
    if (ready_.empty()) {
        return std::nullopt;
    }
    const Id id = std::get<Id>(*ready_.begin());
    ready_.erase(ready_.begin());
    return id;
}

void Scheduler::done(Id id) {
    const auto ended = jobs_.extract(id);
    const Job& job = ended.mapped().job;
    if (job.rank == Rank::build) {
        pending_builds_ -= job.cost;
    }
    barrier_inside_ = barrier_inside_ && !job.barrier;
    for (const auto& lock : job.locks) {
        release(id, lock);
    }
    admit_all();
}

void Scheduler::admit_all() {
    while (!outside_.empty() && !barrier_inside_) {
        auto& [id, job] = outside_.front();
        if (job.barrier) {
            if (!jobs_.empty()) {
                return;
            }
            barrier_inside_ = true;
        }
        admit(id, std::move(job));
        outside_.pop_front();
    }
}

void Scheduler::admit(Id id, Job job) {
    std::size_t blockers = 0;
    for (const auto& lock : job.locks) {
        auto& claims = claims_[lock.resource];
        blockers += static_cast<std::size_t>(
            std::count_if(claims.begin(), claims.end(), [&](const Claim& earlier) {
                return earlier.id != id && conflict(earlier.mode, lock.mode);
            }));
        claims.push_back({id, lock.mode});
    }
    const Lane lane = job.lane;
    jobs_.emplace(id, Admitted{std::move(job), blockers});
    if (lane == Lane::main) {
        main_.push_back(id);
    } else if (blockers == 0) {
        offer(id);
    }
}

void Scheduler::offer(Id id) {
    const Job& job = jobs_.at(id).job;
    ready_.emplace(job.rank, -job.cost, id);
}

void Scheduler::release(Id id, const Lock& lock) {
    const auto found = claims_.find(lock.resource);
    auto& claims = found->second;
    const auto own = std::find_if(claims.begin(), claims.end(), [&](const Claim& claim) {
        return claim.id == id && claim.mode == lock.mode;
    });
    for (auto later = claims.erase(own); later != claims.end(); ++later) {
        if (later->id == id || !conflict(lock.mode, later->mode)) {
            continue;
        }
        auto& waiting = jobs_.at(later->id);
        --waiting.blockers;
        if (waiting.blockers == 0 && waiting.job.lane == Lane::any) {
            offer(later->id);
        }
    }
    if (claims.empty()) {
        claims_.erase(found);
    }
}

} // namespace drctl::postgres::restore
