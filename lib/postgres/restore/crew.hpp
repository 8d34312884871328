// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/restore/monitor.hpp"
#include "postgres/restore/scheduler.hpp"
#include "postgres/restore/work_session.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

namespace drctl::postgres::restore {

/// The sessions of a restore, each with a thread: one for lane `main`, `jobs` for lane `any`. They
/// connect when their first job comes. A job that throws fails the whole restore.
class Crew {
  public:
    using Work = std::function<void(WorkSession&)>;

    Crew(Monitor& monitor, Target database, const Tuning& tuning);
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;
    /// Ends the threads. Work that is not done by then is given up.
    ~Crew();

    /// From any thread, also out of a job.
    void add(Job job, Work work);
    /// Waits until everything that was added has ended; false if `patience` was too short.
    /// Throws the first failure.
    bool wait_for(std::chrono::milliseconds patience);

    struct Count {
        std::size_t done = 0;
        std::size_t added = 0;
    };
    [[nodiscard]] Count count();
    [[nodiscard]] double pending_builds();

  private:
    struct Task {
        Scheduler::Id id;
        Work work;
        /// Of an index build: how many sessions have nothing to do meanwhile.
        std::optional<unsigned> helpers;
    };

    void serve(Lane lane) noexcept;
    std::optional<Task> next(Lane lane);
    void finish(Scheduler::Id id);

    Monitor& monitor_;
    const Target database_;
    const Tuning tuning_;
    Scheduler scheduler_; ///< this and the following: only within monitor_.enter()
    std::unordered_map<Scheduler::Id, Work> work_;
    std::size_t done_ = 0;
    std::size_t idle_ = 0; ///< threads of lane `any` that wait for a job
    bool ending_ = false;
    std::vector<std::thread> threads_;
};

} // namespace drctl::postgres::restore
