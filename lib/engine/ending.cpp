// SPDX-License-Identifier: Apache-2.0
#include "engine/ending.hpp"

#include "engine/reporting.hpp"
#include "engine/resumption.hpp"
#include "engine/runner.hpp"

#include <csignal>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace drctl::engine {

Report Ending::base() const {
    auto report = base_report(procedure_, request_.by, started_);
    if (run_ != nullptr) {
        fill_from_record(report, run_->record());
        report.kept = procedure_.kept(run_->record().facts, run_->id());
        if (run_->record().undoable()) {
            report.undo_with = undo_command(run_->id());
        }
    }
    // Who goes on with a run may have a reason of their own.
    if (!request_.reason.empty()) {
        report.reason = request_.reason;
    }
    if (!request_.incident.empty()) {
        report.incident = request_.incident;
    }
    return report;
}

Report Ending::finish(Report report) {
    report.finished = world_.clock.wall();
    if (run_ == nullptr) {
        return report;
    }
    const auto body = nlohmann::json::parse(to_json(report));
    if (!run_->append_if_possible("end", {{"report", body}})) {
        observer_->warning("the end of the run could not be written to its journal; the same "
                           "command will look at it again");
    }
    log(report, fmt::format("ended: {}", name_of(report.outcome)));
    return report;
}

Report Ending::healthy(const Assessment& assessment) {
    auto report = base();
    fill_from_assessment(report, assessment);
    auto outcome = Outcome::healthy;
    if (run_ != nullptr) {
        for (const auto& rung : run_->record().rungs) {
            if (rung.succeeded.value_or(false) && !rung.prepares) {
                outcome = rung.on_success;
            }
        }
    }
    const bool again = run_ != nullptr && outcome != Outcome::copied;
    conclude(report, outcome, assessment.summary + (again ? " again" : ""));
    return finish(std::move(report));
}

Report Ending::blocked(const Assessment& assessment) {
    const Error error(assessment.blocked_as, assessment.summary, assessment.hint);
    auto report = base();
    fill_from_error(report, error);
    fill_from_assessment(report, assessment);
    conclude(report, unless_replaced(report.outcome), error.message());
    return finish(std::move(report));
}

Report Ending::failed(Outcome outcome, const Error& error) {
    auto report = base();
    fill_from_error(report, error);
    conclude(report, unless_replaced(outcome), error.message());
    return finish(std::move(report));
}

Report Ending::failed(const Error& error) {
    auto outcome = outcome_of(error.code());
    const bool nothing_done = outcome == Outcome::refused || outcome == Outcome::usage;
    if (!nothing_done && has_changed_something()) {
        outcome = Outcome::failed;
    } else if (outcome == Outcome::failed && run_ == nullptr) {
        outcome = Outcome::refused; // it failed before there was anything to fail
    }
    return failed(outcome, error);
}

Report Ending::paused(const Error& error) {
    auto report = base();
    fill_from_error(report, error);
    conclude(report,
             unless_replaced(report.outcome == Outcome::failed ? Outcome::refused : report.outcome),
             error.message());
    keep_until_the_end(report);
    report.hint += fmt::format("{}then type the same command to continue run {}",
                               report.hint.empty() ? "" : "; ", run_->id());
    return leave(std::move(report), "waits");
}

Report Ending::interrupted(int signal) {
    if (signal == SIGALRM) {
        return failed(has_changed_something() ? Outcome::failed : Outcome::failed_undone,
                      out_of_time());
    }
    auto report = base();
    if (run_ == nullptr) {
        conclude(report, Outcome::interrupted, "stopped by hand before anything was done");
        report.finished = world_.clock.wall();
    } else {
        report = stopped_by_hand(std::move(report), signal);
    }
    report.exit_code = exit_code_of_stop(signal);
    return report;
}

Report Ending::stopped_by_hand(Report report, int signal) {
    const auto& record = run_->record();
    if (record.phase == RunRecord::Phase::running) { // between two rungs: nobody has said so yet
        run_->append_if_possible("interrupted", {{"signal", signal}});
    }
    keep_until_the_end(report);
    conclude_unfinished(report, record,
                        fmt::format("stopped by hand; run {} can be continued", run_->id()));
    report.hint = "type the same command to continue, or: " + undo_command(run_->id());
    return leave(std::move(report), "was stopped by hand");
}

/// What is not ended cannot be pruned. Taking the run back deletes the copy as long as that is not
/// served; afterwards it would bring the old one back.
void Ending::keep_until_the_end(Report& report) const {
    for (auto& kept : report.kept) {
        kept.remove_with = run_->record().has_lost_data() ? "" : undo_command(run_->id());
    }
}

/// The end of a process whose run has not ended, so that its journal has no end either.
Report Ending::leave(Report report, std::string_view how) {
    report.finished = world_.clock.wall();
    log(report, how);
    return report;
}

void Ending::log(const Report& report, std::string_view how) const {
    world_.log_event(
        fmt::format("run {} of {} {} {}", run_->id(), report.procedure, report.target, how));
}

/// "Nothing was changed" and "worth a retry" are no longer true once data was replaced.
Outcome Ending::unless_replaced(Outcome outcome) const {
    return run_ != nullptr && run_->record().has_lost_data() ? Outcome::failed : outcome;
}

bool Ending::has_changed_something() const {
    return run_ != nullptr && run_->record().undoable();
}

} // namespace drctl::engine
