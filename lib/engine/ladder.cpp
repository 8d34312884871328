// SPDX-License-Identifier: Apache-2.0
#include "engine/ladder.hpp"

#include "engine/ending.hpp"
#include "engine/go_ahead.hpp"
#include "engine/hold.hpp"
#include "engine/journal_codec.hpp"
#include "engine/lock.hpp"
#include "engine/loss.hpp"
#include "engine/reporting.hpp"
#include "engine/resumption.hpp"
#include "engine/run_log.hpp"
#include "engine/runner.hpp"
#include "system/shell_words.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <fmt/ranges.h>

namespace drctl::engine {
namespace {

using Phase = RunRecord::Phase;

/// One climb, from the first look to the report.
class Climber {
  public:
    Climber(Procedure& procedure, const Environment& world, const RunRequest& request)
        : procedure_(procedure), world_(world), request_(request),
          ending_(world, procedure, request),
          run_id_(request.plan_only ? world.store.new_id() : std::string()) {}

    Report climb();

  private:
    // The ways through; nothing returned means: look again.
    Report plan_only();
    Report act();
    bool adopt_for_undo();
    std::optional<Report> resume(const RunRecord& record, const std::optional<Agreement>& agreed);
    std::optional<Report> take_rung(const Assessment& assessment);
    std::optional<Report> after_rung(const RungEnd& end, const std::string& rung);

    // What stands before acting.
    void refuse_if_held() const;
    void refuse_repetition(const std::string& rung) const;
    void require_privileges(const Plan& plan) const;
    void ask_for_consent(Plan& plan);
    void begin();
    void follow(Run run);

    LookContext look();
    Observer& observer() { return log_ ? log_->observer() : world_.observer; }

    Procedure& procedure_;
    const Environment& world_;
    const RunRequest& request_;
    Ending ending_;
    std::string run_id_;
    std::optional<Locks> locks_;
    std::optional<RunStore::Reservation> reservation_;
    std::optional<Run> run_;
    std::optional<RunLog> log_;
    /// While that of a run which is taken back is adopted.
    std::optional<std::map<std::string, std::string>> current_configuration_;
    std::vector<std::string> current_resources_;
    Facts no_facts_;
    std::vector<RungResult> history_;
};

Report Climber::climb() {
    try {
        return request_.plan_only ? plan_only() : act();
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted) {
            return ending_.interrupted(world_.stop.signal());
        }
        return ending_.failed(error);
    }
}

Report Climber::plan_only() {
    refuse_if_held();
    if (const auto record = world_.store.unfinished(procedure_.name(), procedure_.target())) {
        check_resumable(*record, procedure_, world_, request_);
        auto report = ending_.base();
        fill_from_record(report, *record);
        conclude(report, Outcome::planned,
                 fmt::format("run {} is unfinished; the same command without --plan continues it",
                             record->header.run));
        return ending_.finish(std::move(report));
    }
    const auto assessment = procedure_.assess(look());
    observer().assessed(assessment);
    if (assessment.verdict == Assessment::Verdict::healthy) {
        return ending_.healthy(assessment);
    }
    if (assessment.verdict == Assessment::Verdict::blocked) {
        return ending_.blocked(assessment);
    }
    const auto plan = procedure_.plan(assessment, look());
    expect_plan(plan, procedure_.target(), request_);
    auto report = ending_.base();
    fill_from_assessment(report, assessment);
    fill_from_plan(report, plan, procedure_.target());
    conclude(report, Outcome::planned, plan.summary);
    if (plan.loss) {
        const auto decision = decide_consent(*plan.loss, procedure_.target(), request_.consent);
        if (decision.kind == ConsentDecision::Kind::refused) {
            fill_from_error(report, Error(ErrorCode::refused, decision.words, decision.hint));
        }
    }
    return ending_.finish(std::move(report));
}

Report Climber::act() {
    const bool for_undo = adopt_for_undo();
    auto resources = procedure_.resources();
    resources.insert(resources.end(), current_resources_.begin(), current_resources_.end());
    locks_.emplace(world_.store.locks_directory(), resources,
                   lock_holder(request_.by, {}, ending_.started()), request_.lock_timeout,
                   world_.clock, world_.stop);
    refuse_if_held();
    const auto record = world_.store.unfinished(procedure_.name(), procedure_.target());
    if (for_undo && !(record && record->phase == Phase::undoing)) {
        throw Error(ErrorCode::locked,
                    "cannot go on: another process has just dealt with the unfinished run",
                    "type the same command again");
    }
    if (record) {
        check_resumable(*record, procedure_, world_, request_);
        if (auto report = resume(*record, consent_to_go_on(*record, world_, request_))) {
            return std::move(*report);
        }
    }
    while (true) {
        const auto assessment = procedure_.assess(look());
        observer().assessed(assessment);
        if (assessment.verdict == Assessment::Verdict::healthy) {
            return ending_.healthy(assessment);
        }
        if (assessment.verdict == Assessment::Verdict::blocked) {
            return ending_.blocked(assessment);
        }
        if (auto report = take_rung(assessment)) {
            return std::move(*report);
        }
    }
}

/// What a run has stopped is put back as it was begun with, whatever the configuration says by now;
/// with that of now only where the other is of no use any more. True if a run is being taken back.
bool Climber::adopt_for_undo() {
    const auto record = world_.store.unfinished(procedure_.name(), procedure_.target());
    if (!record || record->phase != Phase::undoing) {
        return false;
    }
    auto current = procedure_.configuration();
    current_resources_ = procedure_.resources();
    try {
        procedure_.adopt_configuration(record->header.configuration);
        current_configuration_ = std::move(current);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted) {
            throw;
        }
        observer().warning(fmt::format("run {} is taken back with the configuration of now, for "
                                       "the one that it was begun with cannot be used: {}",
                                       record->header.run, error.message()));
    }
    return true;
}

std::optional<Report> Climber::resume(const RunRecord& record,
                                      const std::optional<Agreement>& agreed) {
    procedure_.adopt_options(record.header.options);
    follow(world_.store.open(record.header.run));
    world_.log_event(
        fmt::format("run {} of {} {} continues", run_id_, procedure_.name(), procedure_.target()));
    observer().run_started(run_id_, true);
    for (const auto& rung : record.rungs) {
        if (rung.succeeded && !rung.prepares) {
            history_.push_back({rung.rung, *rung.succeeded, rung.error, rung.hint});
        }
    }
    const auto last = record.rung_under_way();
    if (!last) {
        note_resumption(*run_, request_, agreed);
        return std::nullopt; // it died between two rungs: look again
    }
    const auto rung = record.rungs[*last].rung;
    if (record.phase == Phase::undoing) {
        const auto end = go_on_undoing(procedure_, *last, *run_, observer(), world_.clock);
        if (current_configuration_) {
            procedure_.adopt_configuration(*current_configuration_);
        }
        return after_rung(end, rung);
    }
    note_resumption(*run_, request_, agreed);
    if (const auto obstacle =
            restore_ground(procedure_, rung, *run_, observer(), world_.clock, world_.stop)) {
        return ending_.paused(*obstacle);
    }
    Runner runner(*run_, observer(), world_.clock, world_.stop);
    auto steps = procedure_.rebuild(rung, run_->record().facts);
    return after_rung(runner.perform(*last, steps), rung);
}

std::optional<Report> Climber::take_rung(const Assessment& assessment) {
    refuse_repetition(assessment.rung);
    if (!run_ && !reservation_) {
        reservation_.emplace(world_.store.reserve());
        run_id_ = reservation_->id();
    }
    auto plan = procedure_.plan(assessment, look());
    if (!run_) { // only the first plan is the one that was shown
        expect_plan(plan, procedure_.target(), request_);
    }
    observer().planned(plan);
    require_privileges(plan);
    ask_for_consent(plan);
    if (!run_) {
        begin();
    }
    const auto rung = run_->record().rungs.size();
    run_->append("plan", to_json_value(plan, plan_id(procedure_.target(), plan)));
    Runner runner(*run_, observer(), world_.clock, world_.stop);
    return after_rung(runner.perform(rung, plan.steps), plan.rung);
}

std::optional<Report> Climber::after_rung(const RungEnd& end, const std::string& rung) {
    const auto error = end.error.value_or(Error(ErrorCode::bug, "no error"));
    history_.push_back({rung, end.kind == RungEnd::Kind::succeeded, error.message(), error.hint()});
    switch (end.kind) {
    case RungEnd::Kind::succeeded:
        return std::nullopt;
    case RungEnd::Kind::interrupted:
        return ending_.interrupted(end.signal);
    case RungEnd::Kind::waiting:
        return ending_.paused(error);
    case RungEnd::Kind::refused:
        return ending_.failed(error);
    case RungEnd::Kind::undone:
    case RungEnd::Kind::stands:
        // Who may not do it has learned nothing about the target.
        if (error.code() != ErrorCode::refused && procedure_.failure_is_evidence(rung)) {
            return std::nullopt;
        }
        return ending_.failed(
            end.kind == RungEnd::Kind::undone ? Outcome::failed_undone : Outcome::failed, error);
    }
    return std::nullopt;
}

void Climber::refuse_if_held() const {
    Holds(world_.store.holds_directory(), world_.clock).refuse_if_held(procedure_.target());
}

void Climber::refuse_repetition(const std::string& rung) const {
    const bool succeeded =
        std::any_of(history_.begin(), history_.end(), [&](const RungResult& earlier) {
            return earlier.rung == rung && earlier.succeeded;
        });
    if (succeeded) {
        throw Error(ErrorCode::failed,
                    fmt::format("cannot bring '{}' back: '{}' was done and it is still needed",
                                procedure_.target(), rung),
                    "look at the evidence: drctl runs show " + run_id_);
    }
}

void Climber::require_privileges(const Plan& plan) const {
    std::vector<std::string> missing;
    for (const auto& planned : plan.steps) {
        for (auto& words : planned.step->forbidden()) {
            if (std::find(missing.begin(), missing.end(), words) == missing.end()) {
                missing.push_back(std::move(words));
            }
        }
    }
    if (!missing.empty()) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot carry out the plan as '{}', who may not {}",
                                request_.by.user, fmt::join(missing, ", nor ")),
                    "type: sudo " + system::shell_line(request_.by.argv));
    }
}

void Climber::ask_for_consent(Plan& plan) {
    const bool typed = agree_to_loss(plan, procedure_.target(), world_, request_);
    if (!typed && !run_) { // who has typed the name has said yes
        ask_to_go_ahead("go ahead?", "add --yes to do it, or --plan to look only", world_,
                        request_);
    }
}

void Climber::begin() {
    RunHeader header;
    header.run = run_id_;
    header.procedure = procedure_.name();
    header.target = procedure_.target();
    header.by = request_.by;
    header.version = version();
    header.configuration = procedure_.configuration();
    header.options = procedure_.options();
    header.reason = request_.reason;
    header.incident = request_.incident;
    header.started = system::format_rfc3339(ending_.started());
    follow(world_.store.create(header));
    world_.log_event(
        fmt::format("run {} of {} {} begins", run_id_, header.procedure, header.target));
    observer().run_started(run_id_, false);
}

void Climber::follow(Run run) {
    run_.emplace(std::move(run));
    run_id_ = run_->id();
    log_.emplace(run_->directory(), world_.clock, world_.observer);
    ending_.follow(*run_, observer());
    locks_->announce(run_id_);
    world_.on_confirmed();
}

LookContext Climber::look() {
    return {world_.clock, world_.stop, observer(), run_ ? run_->record().facts : no_facts_,
            history_,     run_id_};
}

} // namespace

Report climb(Procedure& procedure, const Environment& environment, const RunRequest& request) {
    return Climber(procedure, environment, request).climb();
}

} // namespace drctl::engine
