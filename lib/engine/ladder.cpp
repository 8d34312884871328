// SPDX-License-Identifier: Apache-2.0
#include "engine/ladder.hpp"

#include "engine/go_ahead.hpp"
#include "engine/hold.hpp"
#include "engine/journal_codec.hpp"
#include "engine/lock.hpp"
#include "engine/loss.hpp"
#include "engine/reporting.hpp"
#include "engine/resumption.hpp"
#include "engine/run_log.hpp"
#include "engine/runner.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <csignal>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace drctl::engine {
namespace {

using Phase = RunRecord::Phase;

/// One climb, from the first look to the report.
class Climber {
  public:
    Climber(Procedure& procedure, const Environment& world, const RunRequest& request)
        : procedure_(procedure), world_(world), request_(request), started_(world.clock.wall()),
          run_id_(request.plan_only ? world.store.new_id() : std::string()) {}

    Report climb();

  private:
    // The ways through; nothing returned means: look again.
    Report plan_only();
    Report act();
    std::optional<Report> resume(const RunRecord& record, const std::optional<Agreement>& agreed);
    std::optional<Report> take_rung(const Assessment& assessment);
    std::optional<Report> after_rung(const RungEnd& end, const std::string& rung);

    // What stands before acting.
    void refuse_if_held() const;
    void refuse_repetition(const std::string& rung) const;
    void ask_for_consent(Plan& plan);
    void begin();
    void follow(Run run);

    // The ways out.
    [[nodiscard]] Report base() const;
    Report finish(Report report);
    Report pause(const Error& error);
    Report finish_healthy(const Assessment& assessment);
    Report finish_blocked(const Assessment& assessment);
    Report finish_with(Outcome outcome, const Error& error);
    Report finish_with(const Error& error);
    Report interrupted(int signal);

    LookContext look();
    [[nodiscard]] bool has_changed_something() const;
    Observer& observer() { return log_ ? log_->observer() : world_.observer; }

    Procedure& procedure_;
    const Environment& world_;
    const RunRequest& request_;
    system::WallTime started_;
    std::string run_id_;
    std::optional<Locks> locks_;
    std::optional<RunStore::Reservation> reservation_;
    std::optional<Run> run_;
    std::optional<RunLog> log_;
    Facts no_facts_;
    std::vector<RungResult> history_;
};

Report Climber::climb() {
    try {
        return request_.plan_only ? plan_only() : act();
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted) {
            return interrupted(world_.stop.signal());
        }
        return finish_with(error);
    }
}

Report Climber::plan_only() {
    refuse_if_held();
    if (const auto record = world_.store.unfinished(procedure_.name(), procedure_.target())) {
        check_resumable(*record, procedure_, world_, request_);
        auto report = base();
        fill_from_record(report, *record);
        conclude(report, Outcome::planned,
                 fmt::format("run {} is unfinished; the same command without --plan continues it",
                             record->header.run));
        return finish(std::move(report));
    }
    const auto assessment = procedure_.assess(look());
    observer().assessed(assessment);
    if (assessment.verdict == Assessment::Verdict::healthy) {
        return finish_healthy(assessment);
    }
    if (assessment.verdict == Assessment::Verdict::blocked) {
        return finish_blocked(assessment);
    }
    const auto plan = procedure_.plan(assessment, look());
    expect_plan(plan, procedure_.target(), request_);
    auto report = base();
    fill_from_assessment(report, assessment);
    fill_from_plan(report, plan, procedure_.target());
    conclude(report, Outcome::planned, plan.summary);
    if (plan.loss) {
        const auto decision = decide_consent(*plan.loss, procedure_.target(), request_.consent);
        if (decision.kind == ConsentDecision::Kind::refused) {
            fill_from_error(report, Error(ErrorCode::refused, decision.words, decision.hint));
        }
    }
    return finish(std::move(report));
}

Report Climber::act() {
    locks_.emplace(world_.store.locks_directory(), procedure_.resources(),
                   lock_holder(request_.by, {}, started_), request_.lock_timeout, world_.clock,
                   world_.stop);
    refuse_if_held();
    if (const auto record = world_.store.unfinished(procedure_.name(), procedure_.target())) {
        check_resumable(*record, procedure_, world_, request_);
        if (auto report = resume(*record, consent_to_go_on(*record, world_, request_))) {
            return std::move(*report);
        }
    }
    while (true) {
        const auto assessment = procedure_.assess(look());
        observer().assessed(assessment);
        if (assessment.verdict == Assessment::Verdict::healthy) {
            return finish_healthy(assessment);
        }
        if (assessment.verdict == Assessment::Verdict::blocked) {
            return finish_blocked(assessment);
        }
        if (auto report = take_rung(assessment)) {
            return std::move(*report);
        }
    }
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
        note_resumption(*run_, request_.by, agreed);
        return std::nullopt; // it died between two rungs: look again
    }
    const auto rung = record.rungs[*last].rung;
    if (record.phase == Phase::undoing) {
        return after_rung(go_on_undoing(procedure_, *last, *run_, observer(), world_.clock), rung);
    }
    note_resumption(*run_, request_.by, agreed);
    if (const auto obstacle =
            restore_ground(procedure_, rung, *run_, observer(), world_.clock, world_.stop)) {
        return pause(*obstacle);
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
        return interrupted(end.signal);
    case RungEnd::Kind::waiting:
        return pause(error);
    case RungEnd::Kind::refused:
        return finish_with(error);
    case RungEnd::Kind::undone:
    case RungEnd::Kind::stands:
        if (procedure_.failure_is_evidence(rung)) {
            return std::nullopt;
        }
        return finish_with(
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
    header.started = system::format_rfc3339(started_);
    follow(world_.store.create(header));
    world_.log_event(
        fmt::format("run {} of {} {} begins", run_id_, header.procedure, header.target));
    observer().run_started(run_id_, false);
}

void Climber::follow(Run run) {
    run_.emplace(std::move(run));
    run_id_ = run_->id();
    log_.emplace(run_->directory(), world_.clock, world_.observer);
    locks_->announce(run_id_);
    world_.on_confirmed();
}

Report Climber::base() const {
    auto report = base_report(procedure_, request_.by, started_);
    report.reason = request_.reason;
    report.incident = request_.incident;
    if (run_) {
        fill_from_record(report, run_->record());
        report.kept = procedure_.kept(run_->record().facts, run_id_);
        if (run_->record().undoable()) {
            report.undo_with = undo_command(run_id_);
        }
    }
    return report;
}

Report Climber::finish(Report report) {
    report.finished = world_.clock.wall();
    if (!run_) {
        return report;
    }
    const auto body = nlohmann::json::parse(to_json(report));
    if (!run_->append_if_possible("end", {{"report", body}})) {
        observer().warning("the end of the run could not be written to its journal; the same "
                           "command will look at it again");
    }
    world_.log_event(fmt::format("run {} of {} {} ended: {}", run_id_, report.procedure,
                                 report.target, name_of(report.outcome)));
    return report;
}

/// An end of this process, not of the run: the same command continues it.
Report Climber::pause(const Error& error) {
    auto report = base();
    fill_from_error(report, error);
    if (report.outcome == Outcome::failed) {
        conclude(report, Outcome::refused, error.message());
    }
    for (auto& kept : report.kept) {
        kept.remove_with = undo_command(run_id_);
    }
    report.hint += fmt::format("{}then type the same command to continue run {}",
                               report.hint.empty() ? "" : "; ", run_id_);
    report.finished = world_.clock.wall();
    return report;
}

Report Climber::finish_healthy(const Assessment& assessment) {
    auto report = base();
    fill_from_assessment(report, assessment);
    auto outcome = Outcome::healthy;
    if (run_) {
        for (const auto& rung : run_->record().rungs) {
            if (rung.succeeded.value_or(false) && !rung.prepares) {
                outcome = rung.on_success;
            }
        }
    }
    const bool again = run_ && outcome != Outcome::copied;
    conclude(report, outcome, assessment.summary + (again ? " again" : ""));
    return finish(std::move(report));
}

Report Climber::finish_blocked(const Assessment& assessment) {
    auto report = base();
    fill_from_error(report, Error(assessment.blocked_as, assessment.summary, assessment.hint));
    fill_from_assessment(report, assessment);
    return finish(std::move(report));
}

Report Climber::finish_with(Outcome outcome, const Error& error) {
    auto report = base();
    fill_from_error(report, error);
    conclude(report, outcome, error.message());
    return finish(std::move(report));
}

Report Climber::finish_with(const Error& error) {
    auto outcome = outcome_of(error.code());
    const bool nothing_done = outcome == Outcome::refused || outcome == Outcome::usage;
    if (!nothing_done && has_changed_something()) {
        outcome = Outcome::failed;
    } else if (outcome == Outcome::failed && !run_) {
        outcome = Outcome::refused; // it failed before there was anything to fail
    }
    return finish_with(outcome, error);
}

Report Climber::interrupted(int signal) {
    auto report = base();
    report.finished = world_.clock.wall();
    if (signal == SIGALRM) {
        return finish_with(has_changed_something() ? Outcome::failed : Outcome::failed_undone,
                           out_of_time());
    }
    for (auto& kept : report.kept) {
        kept.remove_with = undo_command(run_id_); // what is not ended cannot be pruned
    }
    conclude(report, Outcome::interrupted,
             run_ ? fmt::format("stopped by hand; run {} can be continued", run_id_)
                  : std::string("stopped by hand before anything was done"));
    report.hint = run_ ? "type the same command to continue, or: " + undo_command(run_id_) : "";
    if (signal == SIGTERM || signal == SIGHUP) {
        report.exit_code = ExitCode::terminated;
    }
    return report; // the run has not ended, so its journal has no end
}

LookContext Climber::look() {
    return {world_.clock, world_.stop, observer(), run_ ? run_->record().facts : no_facts_,
            history_,     run_id_};
}

bool Climber::has_changed_something() const {
    return run_ && run_->record().undoable();
}

} // namespace

Report climb(Procedure& procedure, const Environment& environment, const RunRequest& request) {
    return Climber(procedure, environment, request).climb();
}

} // namespace drctl::engine
