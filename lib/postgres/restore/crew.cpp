// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/crew.hpp"

#include "postgres/restore/failure.hpp"

#include <exception>
#include <utility>

namespace drctl::postgres::restore {

Crew::Crew(Monitor& monitor, Target database, const Tuning& tuning)
    : monitor_(monitor), database_(std::move(database)), tuning_(tuning) {
    threads_.emplace_back([this] { serve(Lane::main); });
    for (unsigned i = 0; i < tuning_.jobs; ++i) {
        threads_.emplace_back([this] { serve(Lane::any); });
    }
}

Crew::~Crew() {
    {
        const auto guard = monitor_.enter();
        ending_ = true;
    }
    monitor_.changed();
    for (auto& thread : threads_) {
        thread.join();
    }
}

void Crew::add(Job job, Work work) {
    {
        const auto guard = monitor_.enter();
        work_.emplace(scheduler_.add(std::move(job)), std::move(work));
    }
    monitor_.changed();
}

bool Crew::wait_for(std::chrono::milliseconds patience) {
    auto guard = monitor_.enter();
    return monitor_.wait_for(guard, patience, [this] { return scheduler_.unfinished() == 0; });
}

Crew::Count Crew::count() {
    const auto guard = monitor_.enter();
    return {done_, done_ + scheduler_.unfinished()};
}

double Crew::pending_builds() {
    const auto guard = monitor_.enter();
    return scheduler_.pending_builds();
}

void Crew::serve(Lane lane) noexcept {
    try {
        std::optional<WorkSession> session;
        while (auto task = next(lane)) {
            if (!session) {
                session.emplace(database_, tuning_, monitor_.token());
            }
            if (task->helpers) {
                session->set_helpers(*task->helpers);
            }
            task->work(*session);
            finish(task->id);
        }
    } catch (const Error& error) {
        monitor_.fail(std::make_exception_ptr(as_failure(error)));
    } catch (...) {
        monitor_.fail(std::current_exception());
    }
}

std::optional<Crew::Task> Crew::next(Lane lane) {
    auto guard = monitor_.enter();
    std::optional<Scheduler::Id> id;
    idle_ += lane == Lane::any ? 1 : 0;
    monitor_.wait(guard, [&] { return ending_ || (id = scheduler_.take(lane)); });
    idle_ -= lane == Lane::any ? 1 : 0;
    if (!id) {
        return std::nullopt;
    }
    std::optional<unsigned> helpers;
    if (scheduler_.job(*id).rank == Rank::build) {
        const auto ready = scheduler_.ready();
        helpers = idle_ > ready ? static_cast<unsigned>(idle_ - ready) : 0U;
    }
    return Task{*id, std::move(work_.extract(*id).mapped()), helpers};
}

void Crew::finish(Scheduler::Id id) {
    {
        const auto guard = monitor_.enter();
        scheduler_.done(id);
        ++done_;
    }
    monitor_.changed();
}

} // namespace drctl::postgres::restore
