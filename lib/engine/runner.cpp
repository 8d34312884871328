// SPDX-License-Identifier: Apache-2.0
#include "engine/runner.hpp"

#include "engine/journal_codec.hpp"
#include "engine/loss.hpp"

#include <algorithm>
#include <csignal>
#include <fmt/core.h>

namespace drctl::engine {
namespace {

using State = StepRecord::State;
using std::chrono::milliseconds;

milliseconds since(system::SteadyTime began, const system::Clock& clock) {
    return std::chrono::duration_cast<milliseconds>(clock.steady() - began);
}

StepInfo info_of(const PlannedStep& planned) {
    return {planned.step->id(), planned.step->title(), planned.reason};
}

/// A person's stop, as opposed to `--timeout`, which fails the run.
bool is_interruption(int signal) {
    return signal != 0 && signal != SIGALRM;
}

} // namespace

Error out_of_time() {
    return {ErrorCode::failed, "cannot finish in time: --timeout has passed",
            "type the same command again with a longer --timeout, or without one"};
}

StepContext Runner::context(system::StopToken stop) {
    auto record = [this](const std::string& key, const std::string& value) {
        run_.record_fact(key, value);
    };
    return {run_.id(), run_.record().facts, record, clock_, stop, observer_};
}

const StepRecord& Runner::record_of(std::size_t rung, const std::string& id) const {
    for (const auto& step : run_.record().rungs.at(rung).steps) {
        if (step.info.id == id) {
            return step;
        }
    }
    throw Error(ErrorCode::bug, fmt::format("the journaled plan has no step '{}'", id));
}

bool Runner::passed_no_return(std::size_t rung) const {
    const auto& steps = run_.record().rungs.at(rung).steps;
    return std::any_of(steps.begin(), steps.end(), [](const StepRecord& step) {
        return step.effect == Effect::point_of_no_return && step.may_have_acted();
    });
}

RungEnd Runner::perform(std::size_t rung, std::vector<PlannedStep>& steps) {
    try {
        for (const auto& planned : steps) {
            if (planned.step->loses_data()) {
                if (const auto cause = loss_not_covered(run_.record(), clock_.wall())) {
                    return wait_for_consent(rung, steps, *cause);
                }
            }
            perform_step(rung, planned);
        }
        run_.append("rung", {{"rung", rung}, {"succeeded", true}});
        return {};
    } catch (const Error& error) {
        return fail(rung, steps, error);
    } catch (const std::exception& error) {
        return fail(rung, steps, Error(ErrorCode::bug, error.what()));
    }
}

void Runner::perform_step(std::size_t rung, const PlannedStep& planned) {
    stop_.throw_if_requested();
    const auto info = info_of(planned);
    auto work = context(stop_);
    const auto began = clock_.steady();
    auto seen = planned.step->check(work);
    // A dead process may have done it without being able to say so.
    const auto acted = record_of(rung, info.id).may_have_acted();
    if (seen.state == CheckResult::State::blocked) {
        if (!acted) {
            journal_step(rung, info, State::blocked, seen.evidence, since(began, clock_));
        }
        throw Error(ErrorCode::refused, fmt::format("cannot {}: {}", info.title, seen.evidence),
                    seen.hint);
    }
    if (seen.state == CheckResult::State::satisfied) {
        journal_step(rung, info, acted ? State::done : State::satisfied, seen.evidence,
                     since(began, clock_));
        return;
    }
    observer_.step_started(info);
    run_.append("intent", {{"rung", rung}, {"step", info.id}});
    planned.step->apply(work);
    seen = planned.step->check(work);
    if (seen.state != CheckResult::State::satisfied) {
        throw Error(
            ErrorCode::failed,
            fmt::format("cannot confirm that step '{}' is done: {}", info.id, seen.evidence),
            seen.hint);
    }
    journal_step(rung, info, State::done, seen.evidence, since(began, clock_));
}

void Runner::journal_step(std::size_t rung, const StepInfo& info, State state,
                          const std::string& evidence, milliseconds took) {
    run_.append("step", {{"rung", rung},
                         {"step", info.id},
                         {"state", name_of(state)},
                         {"evidence", evidence},
                         {"ms", took.count()}});
    observer_.step_finished(info, status_of(state), evidence, took);
}

/// What is done so far is not thrown away: the same command goes on with it once it is agreed to.
RungEnd Runner::wait_for_consent(std::size_t rung, std::vector<PlannedStep>& steps,
                                 const Error& cause) {
    const bool back = undo_steps(rung, steps, UndoReason::interrupted);
    return {back ? RungEnd::Kind::waiting : RungEnd::Kind::stands, cause, 0};
}

RungEnd Runner::fail(std::size_t rung, std::vector<PlannedStep>& steps, const Error& cause) {
    const auto& records = run_.record().rungs.at(rung).steps;
    const bool acted = std::any_of(records.begin(), records.end(),
                                   [](const StepRecord& step) { return step.may_have_acted(); });
    const int signal = cause.code() == ErrorCode::interrupted ? stop_.signal() : 0;
    const auto error = signal == SIGALRM ? out_of_time() : cause;
    if (is_interruption(signal)) {
        // Said first: a second signal ends the process while it puts services back.
        run_.append_if_possible("interrupted", {{"rung", rung}, {"signal", signal}});
        const bool back = undo_steps(rung, steps, UndoReason::interrupted);
        return {back ? RungEnd::Kind::interrupted : RungEnd::Kind::stands, error, signal};
    }
    mark_failed(rung, error);
    run_.append_if_possible("undoing",
                            {{"rung", rung}, {"error", error.message()}, {"hint", error.hint()}});
    auto end = finish_undo(rung, steps);
    end.error = error;
    if (!acted) {
        end.kind = RungEnd::Kind::refused;
    }
    return end;
}

/// The step that was acting when the error came is the one that failed.
void Runner::mark_failed(std::size_t rung, const Error& error) {
    const auto& records = run_.record().rungs.at(rung).steps;
    const auto acting = std::find_if(records.begin(), records.end(), [](const StepRecord& step) {
        return step.state == State::intended;
    });
    if (acting == records.end()) {
        return;
    }
    const auto info = acting->info;
    run_.append_if_possible("step", {{"rung", rung},
                                     {"step", info.id},
                                     {"state", name_of(State::failed)},
                                     {"evidence", error.message()}});
    observer_.step_finished(info, StepStatus::failed, error.message(), milliseconds(0));
}

RungEnd Runner::finish_undo(std::size_t rung, std::vector<PlannedStep>& steps) {
    const auto error = run_.record().rungs.at(rung).error;
    const auto hint = run_.record().rungs.at(rung).hint;
    const bool stands = passed_no_return(rung);
    const bool back = undo_steps(rung, steps, UndoReason::failed);
    run_.append_if_possible(
        "rung", {{"rung", rung}, {"succeeded", false}, {"error", error}, {"hint", hint}});
    return {back && !stands ? RungEnd::Kind::undone : RungEnd::Kind::stands,
            Error(ErrorCode::failed, error, hint), 0};
}

bool Runner::undo_steps(std::size_t rung, std::vector<PlannedStep>& steps, UndoReason reason) {
    const auto& records = run_.record().rungs.at(rung).steps;
    if (std::none_of(records.begin(), records.end(),
                     [](const StepRecord& step) { return step.may_have_acted(); })) {
        return true;
    }
    observer_.undo_started(reason == UndoReason::interrupted ? "putting services back"
                                                             : "undoing what was done");
    bool all = true;
    for (auto planned = steps.rbegin(); planned != steps.rend(); ++planned) {
        const auto& record = record_of(rung, planned->step->id());
        if (record.effect == Effect::point_of_no_return && record.may_have_acted()) {
            break;
        }
        if (!record.may_have_acted() || !planned->step->undoes(reason)) {
            continue;
        }
        // The others must still be taken back; this one is reported as unknown.
        std::optional<Error> ignored;
        all = try_undo_step(rung, *planned, reason, ignored) && all;
    }
    return all;
}

void Runner::undo_step(std::size_t rung, const PlannedStep& planned, UndoReason reason) {
    const auto info = info_of(planned);
    const auto began = clock_.steady();
    run_.append_if_possible("undo-intent", {{"rung", rung}, {"step", info.id}});
    // Whoever stopped the run wants this part done: it is ended only by a second signal.
    auto work = context(system::StopToken());
    planned.step->undo(work, reason);
    journal_undone(rung, info, "taken back", since(began, clock_));
}

void Runner::journal_undone(std::size_t rung, const StepInfo& info, const std::string& evidence,
                            milliseconds took) {
    run_.append_if_possible("step", {{"rung", rung},
                                     {"step", info.id},
                                     {"state", name_of(State::undone)},
                                     {"evidence", evidence},
                                     {"ms", took.count()}});
    observer_.step_finished(info, StepStatus::undone, evidence, took);
}

bool Runner::try_undo_step(std::size_t rung, const PlannedStep& planned, UndoReason reason,
                           std::optional<Error>& first) {
    auto failed = [&](const Error& error) {
        observer_.warning(fmt::format("cannot undo '{}': {}", planned.step->id(), error.message()));
        if (!first) {
            first.emplace(error);
        }
        return false;
    };
    try {
        undo_step(rung, planned, reason);
        return true;
    } catch (const Error& error) {
        return failed(error);
    } catch (const std::exception& error) {
        return failed(Error(ErrorCode::bug, error.what()));
    }
}

void Runner::check_take_back(std::size_t rung, std::vector<PlannedStep>& steps) {
    auto work = context(stop_);
    for (auto planned = steps.rbegin(); planned != steps.rend(); ++planned) {
        const auto& record = record_of(rung, planned->step->id());
        const auto reason = run_.record().rungs.at(rung).undo_reason(record);
        if (!record.may_have_acted() || !planned->step->undoes(reason)) {
            continue;
        }
        const auto seen = planned->step->check_undo(work, reason);
        if (seen.state == CheckResult::State::blocked) {
            throw Error(ErrorCode::refused,
                        fmt::format("cannot undo '{}': {}", record.info.title, seen.evidence),
                        seen.hint);
        }
    }
}

void Runner::take_back(std::size_t rung, std::vector<PlannedStep>& steps) {
    try {
        check_take_back(rung, steps);
    } catch (const Error&) {
        reinstate(rung, steps); // what a dead process had begun to take back
        throw;
    }
    std::optional<Error> first;
    for (auto planned = steps.rbegin(); planned != steps.rend(); ++planned) {
        const auto& record = record_of(rung, planned->step->id());
        const auto reason = run_.record().rungs.at(rung).undo_reason(record);
        if (!record.may_have_acted()) {
            continue;
        }
        if (!planned->step->undoes(reason)) {
            if (record.state == State::intended && !record.can_be_taken_back &&
                !record.undone_on_failure) {
                journal_undone(rung, info_of(*planned), "it changes nothing", milliseconds(0));
            }
            continue;
        }
        if (!try_undo_step(rung, *planned, reason, first) && reason == UndoReason::requested) {
            // The new state stays, and with it what was stopped only to replace it.
            reinstate(rung, steps);
            break;
        }
    }
    if (first) {
        throw Error(*first);
    }
}

/// Brings back into service what `runs undo` has taken out of it. What is as it was before the undo
/// counts as done again.
void Runner::reinstate(std::size_t rung, std::vector<PlannedStep>& steps) {
    auto work = context(system::StopToken());
    for (const auto& planned : steps) {
        const auto info = info_of(planned);
        if (!record_of(rung, info.id).undone_on_request) {
            continue;
        }
        try {
            const auto began = clock_.steady();
            planned.step->reinstate(work);
            const auto seen = planned.step->check(work);
            if (seen.state == CheckResult::State::satisfied) {
                journal_step(rung, info, State::done, seen.evidence, since(began, clock_));
            }
        } catch (const std::exception& error) {
            observer_.warning(fmt::format("cannot put '{}' back: {}", info.id, error.what()));
        }
    }
}

} // namespace drctl::engine
