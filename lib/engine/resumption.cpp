// SPDX-License-Identifier: Apache-2.0
#include "engine/resumption.hpp"

#include "drctl/error.hpp"
#include "engine/journal_codec.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <fmt/ranges.h>

namespace drctl::engine {
namespace {

using Flat = std::map<std::string, std::string>;
using Phase = RunRecord::Phase;

/// Options left out now are taken from the journal; only a contradiction is a difference.
std::vector<std::string> option_differences(const Flat& before, const Flat& now) {
    std::vector<std::string> found;
    for (const auto& [key, value] : now) {
        const auto other = before.find(key);
        if (other == before.end() || other->second != value) {
            found.push_back(fmt::format("--{} {} is not what it was begun with", key, value));
        }
    }
    return found;
}

/// Carries out a rung that only brings back what another one stands on.
RungResult take_preparing_rung(Procedure& procedure, const Assessment& assessment,
                               const LookContext& look, Run& run) {
    auto plan = procedure.plan(assessment, look);
    if (plan.loss) {
        throw Error(ErrorCode::bug, fmt::format("'{}' prepares and loses data", plan.rung));
    }
    look.observer.planned(plan);
    const auto index = run.record().rungs.size();
    auto body = to_json_value(plan, plan_id(procedure.target(), plan));
    body["prepares"] = true;
    run.append("plan", std::move(body));
    Runner runner(run, look.observer, look.clock, look.stop);
    const auto end = runner.perform(index, plan.steps);
    const auto error = end.error.value_or(Error(ErrorCode::bug, "no error"));
    return {plan.rung, end.kind == RungEnd::Kind::succeeded, error.message(), error.hint()};
}

/// One more thing that is missing; what it came to, or what is in the way. Throws
/// Error(interrupted): a rung that was stopped tells nothing about what it was to bring back.
std::optional<Error> bring_back(Procedure& procedure, const Assessment& missing,
                                const LookContext& look, std::vector<RungResult>& done, Run& run) {
    look.observer.assessed(missing);
    const bool again = std::any_of(done.begin(), done.end(), [&](const RungResult& earlier) {
        return earlier.rung == missing.rung;
    });
    if (again || missing.verdict != Assessment::Verdict::needs_rung) {
        return Error(missing.blocked_as, missing.summary, missing.hint);
    }
    auto result = take_preparing_rung(procedure, missing, look, run);
    look.stop.throw_if_requested();
    const bool hopeless = !result.succeeded && !procedure.failure_is_evidence(missing.rung);
    done.push_back(result);
    return hopeless ? std::optional(Error(ErrorCode::failed, result.error, result.hint))
                    : std::nullopt;
}

} // namespace

std::string undo_command(const std::string& run) {
    return "drctl runs undo " + run;
}

void check_resumable(const RunRecord& record, Procedure& procedure, const Environment& environment,
                     const RunRequest& request) {
    const auto& run = record.header.run;
    if (request.expect_plan && *request.expect_plan != record.plan_id) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot carry out plan {}: run {} is unfinished, its plan is {}",
                                *request.expect_plan, run,
                                record.plan_id.empty() ? "not made yet" : record.plan_id),
                    "to continue that one, leave --expect-plan out; or take it back: " +
                        undo_command(run));
    }
    if (record.phase == Phase::undo_requested) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot go on: run {} is being taken back", run),
                    "finish that first: " + undo_command(run));
    }
    if (record.phase == Phase::undoing) {
        return; // it goes on being undone, whatever has changed since
    }
    if (record.phase == Phase::interrupted && !request.resume && !request.consent.at_terminal) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot go on: somebody stopped run {} by hand", run),
                    "add --resume to continue it, or take it back: " + undo_command(run));
    }
    const std::vector<RungResult> no_history;
    auto found = procedure.differences(
        record.header.configuration,
        {environment.clock, environment.stop, environment.observer, record.facts, no_history, run});
    for (auto& option : option_differences(record.header.options, procedure.options())) {
        found.push_back(std::move(option));
    }
    if (!found.empty()) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot continue run {}: {}", run, fmt::join(found, "; ")),
                    "change that back and type the same command, or take the run back: " +
                        undo_command(run));
    }
}

std::optional<Agreement> consent_to_go_on(const RunRecord& record, const Environment& environment,
                                          const RunRequest& request) {
    if (record.phase == Phase::undoing || !record.rung_under_way()) {
        return std::nullopt;
    }
    return agree_again(record, environment, request);
}

void note_resumption(Run& run, const RunRequest& request, const std::optional<Agreement>& agreed) {
    auto accepted = nlohmann::json::array();
    if (agreed) {
        accepted.push_back(agreed->words);
        run.record_fact(fact::loss_accepted, limit_to_fact(*agreed));
    }
    auto body = asked_by(request);
    body["accepted"] = std::move(accepted);
    run.append("resumed", std::move(body));
}

void expect_plan(const Plan& plan, const std::string& target, const RunRequest& request) {
    if (!request.expect_plan) {
        return;
    }
    const auto id = plan_id(target, plan);
    if (id != *request.expect_plan) {
        throw Error(
            ErrorCode::refused,
            fmt::format("cannot carry out plan {}: the plan is {} now", *request.expect_plan, id),
            "look at the new plan: add --plan");
    }
}

std::optional<Error> restore_ground(Procedure& procedure, const std::string& rung, Run& run,
                                    Observer& observer, const system::Clock& clock,
                                    system::StopToken stop) {
    std::vector<RungResult> done;
    try {
        while (true) {
            const LookContext look{clock, stop, observer, run.record().facts, done, run.id()};
            const auto missing = procedure.before_resuming(rung, look);
            if (!missing) {
                return std::nullopt;
            }
            if (auto obstacle = bring_back(procedure, *missing, look, done, run)) {
                return obstacle;
            }
        }
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted) {
            return std::nullopt; // the rung notices that too, and puts services back
        }
        return error;
    }
}

RungEnd go_on_undoing(Procedure& procedure, std::size_t index, Run& run, Observer& observer,
                      const system::Clock& clock) {
    const auto rung = run.record().rungs.at(index).rung;
    const system::StopToken never;
    if (const auto obstacle = restore_ground(procedure, rung, run, observer, clock, never)) {
        observer.warning(fmt::format("cannot take everything back: {}", obstacle->message()));
    }
    auto steps = procedure.rebuild(rung, run.record().facts);
    return Runner(run, observer, clock, never).finish_undo(index, steps);
}

} // namespace drctl::engine
