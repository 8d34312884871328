// SPDX-License-Identifier: Apache-2.0
#include "engine/undo.hpp"

#include "engine/go_ahead.hpp"
#include "engine/hold.hpp"
#include "engine/journal_codec.hpp"
#include "engine/lock.hpp"
#include "engine/reporting.hpp"
#include "engine/resumption.hpp"
#include "engine/run_log.hpp"
#include "engine/runner.hpp"

#include <csignal>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace drctl::engine {
namespace {

using Phase = RunRecord::Phase;

/// What undoing and pruning have in common: one finished run, its target locked.
class AfterTheRun {
  public:
    AfterTheRun(Procedure& procedure, std::string run_id, const Environment& world,
                const RunRequest& request)
        : procedure_(procedure), run_id_(std::move(run_id)), world_(world), request_(request),
          started_(world.clock.wall()) {}

    template <typename Work>
    Report carry_out(Work work) {
        auto report = base_report(procedure_, request_.by, started_);
        report.run = run_id_;
        note_why(report);
        try {
            const Locks locks(world_.store.locks_directory(), procedure_.resources(),
                              lock_holder(request_.by, run_id_, started_), request_.lock_timeout,
                              world_.clock, world_.stop);
            Holds(world_.store.holds_directory(), world_.clock).refuse_if_held(procedure_.target());
            auto run = world_.store.open(run_id_);
            work(run, report);
        } catch (const Error& error) {
            end_early(report, error);
        }
        report.finished = world_.clock.wall();
        return report;
    }

    /// Of the undo, not of the run.
    void note_why(Report& report) const {
        report.reason = request_.reason;
        report.incident = request_.incident;
    }
    void undo(Run& run, Report& report);
    void prune(Run& run, Report& report);

  private:
    /// The steps of each of the run's rungs, as its journal has them.
    using Rungs = std::vector<std::vector<PlannedStep>>;

    void end_early(Report& report, const Error& error) const;
    void set_exit_code(Report& report, const Error& error) const;
    void check_undoable(const RunRecord& record) const;
    void check_take_back(Run& run, Rungs& rungs);
    void take_back(Run& run, Rungs& rungs);
    Rungs rebuild(const RunRecord& record);
    void abandon(Run& run, Report& report, const Error& error);

    Procedure& procedure_;
    std::string run_id_;
    const Environment& world_;
    const RunRequest& request_;
    system::WallTime started_;
};

/// Nothing has been done yet.
void AfterTheRun::end_early(Report& report, const Error& error) const {
    const bool late = error.code() == ErrorCode::interrupted && world_.stop.signal() == SIGALRM;
    fill_from_error(report, late ? out_of_time() : error);
    if (late) {
        conclude(report, Outcome::failed_undone, report.error);
    }
    set_exit_code(report, error);
}

/// A person's stop says so, whatever it came to.
void AfterTheRun::set_exit_code(Report& report, const Error& error) const {
    if (error.code() == ErrorCode::interrupted && world_.stop.signal() != SIGALRM) {
        report.outcome = Outcome::interrupted;
        report.exit_code = exit_code_of_stop(world_.stop.signal());
    }
}

void AfterTheRun::check_undoable(const RunRecord& record) const {
    auto refuse = [&](const std::string& why, const std::string& hint) {
        throw Error(ErrorCode::refused, fmt::format("cannot undo run {}: {}", run_id_, why), hint);
    };
    if (record.phase == Phase::undone) {
        refuse("it has been taken back already", "see what there is: drctl runs list");
    }
    if (record.pruned) {
        refuse("what it kept has been pruned",
               "restore a backup instead: drctl db-recover " + record.header.target);
    }
    // One that has not ended is taken back whatever it has done, or it would be in the way for
    // ever.
    if (!record.unfinished() && !record.undoable()) {
        refuse("it has changed nothing that is still there", "see what there is: drctl runs list");
    }
    if (!record.replaced_something()) {
        return; // what a failed run has left behind lies beneath nothing
    }
    const auto all = world_.store.ids();
    for (auto later = all.rbegin(); later != all.rend() && *later != run_id_; ++later) {
        const auto other = world_.store.read_of_target(*later, record.header.target);
        if (other && (other->unfinished() || other->replaced_something())) {
            refuse(fmt::format("run {} of the same target came after it", *later),
                   "take that one back first: " + undo_command(*later));
        }
    }
}

AfterTheRun::Rungs AfterTheRun::rebuild(const RunRecord& record) {
    Rungs rungs;
    for (const auto& rung : record.rungs) {
        rungs.push_back(procedure_.rebuild(rung.rung, record.facts));
    }
    return rungs;
}

void AfterTheRun::undo(Run& run, Report& report) {
    check_undoable(run.record());
    auto rungs = rebuild(run.record());
    if (run.record().phase != Phase::undo_requested) {
        check_take_back(run, rungs);
    }
    ask_to_go_ahead(fmt::format("take run {} of {} back?", run_id_, procedure_.target()),
                    "add --yes to do it", world_, request_);
    world_.on_confirmed();
    const auto told_before = run.record().warnings.size();
    run.append("undo-requested", asked_by(request_));
    world_.log_event(fmt::format("run {} is being taken back", run_id_));
    try {
        take_back(run, rungs);
    } catch (const Error& error) {
        abandon(run, report, error);
        return;
    }
    fill_from_record(report, run.record());
    note_why(report);
    report.data_loss.reset(); // what was lost is back
    report.expected_outage.reset();
    const auto& told = run.record().warnings;
    report.warnings.assign(told.begin() + static_cast<std::ptrdiff_t>(told_before), told.end());
    report.kept = procedure_.kept(run.record().facts, run_id_);
    conclude(
        report, Outcome::undone,
        fmt::format("run {} is taken back: {} is as it was before", run_id_, procedure_.target()));
    report.finished = world_.clock.wall();
    run.append("end", {{"undone", true}, {"report", nlohmann::json::parse(to_json(report))}});
    world_.log_event(fmt::format("run {} is taken back", run_id_));
}

/// Before anything is stopped: a step that cannot be taken back refuses the whole.
void AfterTheRun::check_take_back(Run& run, Rungs& rungs) {
    Runner runner(run, world_.observer, world_.clock, world_.stop);
    try {
        for (auto index = rungs.size(); index-- > 0;) {
            if (!run.record().rungs[index].prepares) {
                runner.check_take_back(index, rungs[index]);
            }
        }
    } catch (const Error& error) {
        // It failed before there was anything to fail.
        const auto code = error.code() == ErrorCode::failed ? ErrorCode::refused : error.code();
        throw Error(code, error.message(), error.hint());
    }
}

void AfterTheRun::take_back(Run& run, Rungs& rungs) {
    RunLog log(run.directory(), world_.clock, world_.observer);
    log.observer().undo_started("taking the run back");
    Runner runner(run, log.observer(), world_.clock, world_.stop);
    for (auto index = rungs.size(); index-- > 0;) {
        if (!run.record().rungs[index].prepares) { // that ran before the run did
            runner.take_back(index, rungs[index]);
        }
    }
}

/// The run is what it was, finished or not. One of which a part is gone counts as ended, so that
/// nothing that follows waits for an undo that cannot be, or goes on with half of it.
void AfterTheRun::abandon(Run& run, Report& report, const Error& error) {
    fill_from_record(report, run.record());
    note_why(report);
    fill_from_error(report, Error(ErrorCode::failed, error.message(), error.hint()));
    set_exit_code(report, error);
    report.kept = procedure_.kept(run.record().facts, run_id_);
    report.undo_with = undo_command(run_id_);
    report.finished = world_.clock.wall();
    nlohmann::json body{{"error", error.message()}, {"hint", error.hint()}};
    if (run.record().partly_taken_back()) {
        body["report"] = nlohmann::json::parse(to_json(report));
    }
    run.append_if_possible("undo-abandoned", std::move(body));
    world_.log_event(fmt::format("run {} could not be taken back", run_id_));
}

void AfterTheRun::prune(Run& run, Report& report) {
    const auto& record = run.record();
    if (record.unfinished()) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot prune run {}: it has not ended", run_id_),
                    "continue it with the same command, or: " + undo_command(run_id_));
    }
    const auto kept = procedure_.kept(record.facts, run_id_);
    if (!record.pruned && !kept.empty()) {
        ask_to_go_ahead(fmt::format("delete {} for good?", kept.front().what), "add --yes to do it",
                        world_, request_);
        const std::vector<RungResult> no_history;
        procedure_.prune(
            {world_.clock, world_.stop, world_.observer, record.facts, no_history, run_id_});
        run.append("pruned", asked_by(request_));
        world_.log_event(fmt::format("what run {} kept is pruned", run_id_));
    }
    conclude(report, Outcome::undone,
             kept.empty() ? fmt::format("run {} kept nothing", run_id_)
                          : fmt::format("{} is deleted; run {} can no longer be taken back",
                                        kept.front().what, run_id_));
}

} // namespace

Report undo_run(Procedure& procedure, const std::string& run_id, const Environment& environment,
                const RunRequest& request) {
    AfterTheRun after(procedure, run_id, environment, request);
    return after.carry_out([&](Run& run, Report& report) { after.undo(run, report); });
}

Report prune_run(Procedure& procedure, const std::string& run_id, const Environment& environment,
                 const RunRequest& request) {
    AfterTheRun after(procedure, run_id, environment, request);
    return after.carry_out([&](Run& run, Report& report) { after.prune(run, report); });
}

} // namespace drctl::engine
