// SPDX-License-Identifier: Apache-2.0
#include "engine/run_record.hpp"

#include "drctl/error.hpp"
#include "engine/journal_codec.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace drctl::engine {
namespace {

using nlohmann::json;
using State = StepRecord::State;

RungRecord& rung_of(RunRecord& record, const json& body) {
    const auto index = body.at("rung").get<std::size_t>();
    if (index >= record.rungs.size()) {
        throw Error(ErrorCode::damaged, fmt::format("no plan for rung {}", index));
    }
    return record.rungs[index];
}

StepRecord& step_of(RunRecord& record, const json& body) {
    auto& steps = rung_of(record, body).steps;
    const auto id = body.at("step").get<std::string>();
    const auto found = std::find_if(steps.begin(), steps.end(),
                                    [&](const StepRecord& step) { return step.info.id == id; });
    if (found == steps.end()) {
        throw Error(ErrorCode::damaged, fmt::format("no plan has the step '{}'", id));
    }
    return *found;
}

void note_accepted(RunRecord& record, const json& words) {
    for (const auto& accepted : words) {
        record.header.accepted.push_back(accepted.get<std::string>());
    }
}

void apply_plan(RunRecord& record, const json& body) {
    RungRecord rung;
    rung.rung = body.at("rung").get<std::string>();
    rung.prepares = body.value("prepares", false);
    rung.on_success = outcome_named(body.at("on_success").get<std::string>());
    for (const auto& step : body.at("steps")) {
        rung.steps.push_back(step_record_from_json(step));
    }
    record.rungs.push_back(std::move(rung));
    if (record.plan_id.empty()) {
        record.plan_id = body.at("plan_id").get<std::string>();
    }
    for (const auto& [key, value] : body.at("facts").items()) {
        record.facts.set(key, value.get<std::string>());
    }
    note_accepted(record, body.at("accepted"));
    if (body.contains("backup")) {
        record.backup = backup_from_json(body["backup"]);
    }
    if (body.contains("loss")) {
        record.loss = loss_from_json(body["loss"]);
    }
    if (body.contains("expected_outage_ms")) {
        record.expected_outage =
            std::chrono::milliseconds(body["expected_outage_ms"].get<std::int64_t>());
    }
    for (const auto& consequence : body.at("consequences")) {
        record.consequences.push_back(consequence.get<std::string>());
    }
}

void apply_step(RunRecord& record, const json& body) {
    auto& step = step_of(record, body);
    step.state = step_state_named(body.at("state").get<std::string>());
    step.undone_on_request = step.undone_on_request && step.state == State::undone;
    step.evidence = body.value("evidence", "");
    if (body.contains("ms")) {
        step.duration = std::chrono::milliseconds(body["ms"].get<std::int64_t>());
    }
}

/// What becomes of a rung that prepares says nothing about the one that waits for it.
void set_phase(RunRecord& record, const RungRecord& rung, RunRecord::Phase phase) {
    if (!rung.prepares) {
        record.phase = phase;
    }
}

void set_error(RungRecord& rung, const json& body) {
    rung.error = body.value("error", "");
    rung.hint = body.value("hint", "");
}

void apply_rung(RunRecord& record, const json& body) {
    auto& rung = rung_of(record, body);
    rung.succeeded = body.at("succeeded").get<bool>();
    set_error(rung, body);
    set_phase(record, rung, RunRecord::Phase::running);
}

void apply_undoing(RunRecord& record, const json& body) {
    auto& rung = rung_of(record, body);
    set_error(rung, body);
    set_phase(record, rung, RunRecord::Phase::undoing);
}

/// A run that had not ended is as unfinished as before, unless part of it is gone by now.
void apply_undo_abandoned(RunRecord& record, const json& body) {
    record.phase = body.contains("report") ? RunRecord::Phase::ended : record.before_undo;
    if (body.contains("report") && !record.report) {
        record.report = report_from_json(body["report"].dump());
    }
}

/// In the middle of a rung, or between two of them.
void apply_interrupted(RunRecord& record, const json& body) {
    if (body.contains("rung")) {
        set_phase(record, rung_of(record, body), RunRecord::Phase::interrupted);
    } else {
        record.phase = RunRecord::Phase::interrupted;
    }
}

void apply_intent(RunRecord& record, const json& body) {
    auto& step = step_of(record, body);
    step.state = State::intended;
    step.begun = true;
}

void apply_undo_intent(RunRecord& record, const json& body) {
    auto& step = step_of(record, body);
    step.state = State::undo_intended;
    step.undone_on_request = record.phase == RunRecord::Phase::undo_requested;
}

void apply_undo_requested(RunRecord& record) {
    if (record.phase != RunRecord::Phase::undo_requested) { // not by a process that died over it
        record.before_undo = record.phase;
    }
    record.phase = RunRecord::Phase::undo_requested;
}

void apply_end(RunRecord& record, const json& body) {
    record.phase = body.value("undone", false) ? RunRecord::Phase::undone : RunRecord::Phase::ended;
    record.report = report_from_json(body.at("report").dump());
}

void apply_event(RunRecord& record, const JournalEvent& event) {
    const auto& [name, body] = event;
    if (name == "run") {
        record.header = header_from_json(body);
    } else if (name == "plan") {
        apply_plan(record, body);
    } else if (name == "fact") {
        record.facts.set(body.at("key").get<std::string>(), body.at("value").get<std::string>());
    } else if (name == "intent") {
        apply_intent(record, body);
    } else if (name == "step") {
        apply_step(record, body);
    } else if (name == "undoing") {
        apply_undoing(record, body);
    } else if (name == "undo-intent") {
        apply_undo_intent(record, body);
    } else if (name == "rung") {
        apply_rung(record, body);
    } else if (name == "interrupted") {
        apply_interrupted(record, body);
    } else if (name == "resumed") {
        record.phase = RunRecord::Phase::running;
        note_accepted(record, body.value("accepted", json::array()));
    } else if (name == "undo-requested") {
        apply_undo_requested(record);
    } else if (name == "undo-abandoned") {
        apply_undo_abandoned(record, body);
    } else if (name == "warning") {
        record.warnings.push_back(body.at("text").get<std::string>());
    } else if (name == "pruned") {
        record.pruned = true;
    } else if (name == "end") {
        apply_end(record, body);
    } else {
        throw Error(ErrorCode::damaged, fmt::format("unknown event '{}'", name));
    }
}

template <typename Predicate>
bool has_step(const RunRecord& record, Predicate predicate) {
    return std::any_of(record.rungs.begin(), record.rungs.end(), [&](const RungRecord& rung) {
        return !rung.prepares && std::any_of(rung.steps.begin(), rung.steps.end(), predicate);
    });
}

} // namespace

UndoReason RungRecord::undo_reason(const StepRecord& step) const noexcept {
    const bool replaced = succeeded.value_or(false) && on_success != Outcome::copied;
    const bool served =
        replaced || std::any_of(steps.begin(), steps.end(), [](const StepRecord& one) {
            return one.effect == Effect::point_of_no_return && one.begun;
        });
    const bool half_made = step.state != State::done && !step.can_be_taken_back;
    return served && !half_made ? UndoReason::requested : UndoReason::failed;
}

std::optional<std::size_t> RunRecord::rung_under_way() const noexcept {
    for (auto index = rungs.size(); index-- > 0;) {
        if (!rungs[index].prepares) {
            return rungs[index].succeeded ? std::nullopt : std::optional(index);
        }
    }
    return std::nullopt;
}

bool RunRecord::undoable() const noexcept {
    if (phase == Phase::undone || pruned) {
        return false;
    }
    return std::any_of(rungs.begin(), rungs.end(), [](const RungRecord& rung) {
        return !rung.prepares &&
               std::any_of(rung.steps.begin(), rung.steps.end(), [&](const StepRecord& step) {
                   return step.may_have_acted() && step.undoes(rung.undo_reason(step));
               });
    });
}

bool RunRecord::partly_taken_back() const noexcept {
    return has_step(*this, [](const StepRecord& step) { return step.undone_on_request; });
}

bool RunRecord::has_lost_data() const noexcept {
    return has_step(
        *this, [](const StepRecord& step) { return step.loses_data && step.may_have_acted(); });
}

bool RunRecord::replaced_something() const noexcept {
    return phase != Phase::undone && !pruned && has_step(*this, [](const StepRecord& step) {
               return step.can_be_taken_back && step.may_have_acted();
           });
}

void replay_onto(RunRecord& record, const JournalEvent& event) {
    try {
        apply_event(record, event);
    } catch (const json::exception& error) {
        throw Error(ErrorCode::damaged, fmt::format("event '{}': {}", event.name, error.what()));
    }
}

RunRecord replay(const std::vector<JournalEvent>& events) {
    RunRecord record;
    if (events.empty() || events.front().name != "run") {
        throw Error(ErrorCode::damaged, "the journal does not begin with its run");
    }
    for (const auto& event : events) {
        replay_onto(record, event);
    }
    return record;
}

StepStatus status_of(StepRecord::State state) noexcept {
    switch (state) {
    case State::pending:
        return StepStatus::skipped;
    case State::intended:
    case State::undo_intended:
        return StepStatus::unknown;
    case State::done:
        return StepStatus::done;
    case State::satisfied:
        return StepStatus::satisfied;
    case State::blocked:
        return StepStatus::blocked;
    case State::failed:
        return StepStatus::failed;
    case State::undone:
        return StepStatus::undone;
    }
    return StepStatus::unknown;
}

} // namespace drctl::engine
