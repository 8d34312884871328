// SPDX-License-Identifier: Apache-2.0
#include "views/runs.hpp"

#include "engine/reporting.hpp"
#include "system/units.hpp"
#include "views/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace drctl::app::views {
namespace {

using json = nlohmann::ordered_json;
using Phase = engine::RunRecord::Phase;

std::string state_of(const engine::RunRecord& record, bool alive) {
    if (record.phase == Phase::ended && record.report) {
        return std::string(name_of(record.report->outcome));
    }
    if (record.phase == Phase::undone) {
        return "undone";
    }
    if (alive) {
        return record.phase == Phase::running ? "running" : "undoing";
    }
    return record.phase == Phase::interrupted ? "interrupted" : "unfinished";
}

std::string continue_with(const engine::RunRecord& record) {
    return fmt::format("continue with: drctl {} {}", record.header.procedure, record.header.target);
}

Tone tone_of(const RunSummary& run) {
    if (run.state == "recovered" || run.state == "started" || run.state == "repaired" ||
        run.state == "healthy") {
        return Tone::good;
    }
    if (run.state == "running" || run.state == "undone" || run.state == "undoing") {
        return Tone::strong;
    }
    return Tone::warning;
}

} // namespace

RunSummary summary_of(const engine::RunRecord& record, bool alive) {
    RunSummary run;
    run.run = record.header.run;
    run.procedure = record.header.procedure;
    run.target = record.header.target;
    run.started = record.header.started;
    run.state = state_of(record, alive);
    run.undoable = record.undoable() && !record.pruned;
    if (record.report) {
        if (record.report->started && record.report->finished) {
            run.took = std::chrono::duration_cast<std::chrono::milliseconds>(
                *record.report->finished - *record.report->started);
        }
        if (!record.pruned && !record.report->kept.empty()) {
            run.keeps = record.report->kept.front().what;
        }
    }
    if (record.unfinished() && !alive) {
        run.note = continue_with(record);
    }
    return run;
}

Report report_of(const engine::RunRecord& record, bool alive) {
    if (record.report && !record.unfinished()) {
        auto report = *record.report;
        if (record.pruned) {
            report.kept.clear();
            report.undo_with.clear();
        }
        return report;
    }
    Report report;
    report.procedure = record.header.procedure;
    report.target = record.header.target;
    report.by = record.header.by;
    report.version = record.header.version;
    engine::fill_from_record(report, record);
    engine::conclude_unfinished(
        report, record, alive ? "it is under way" : "its process has ended before the run did");
    report.hint =
        alive ? "watch it with: drctl runs follow " + record.header.run : continue_with(record);
    if (record.undoable()) {
        report.undo_with = "drctl runs undo " + record.header.run;
    }
    return report;
}

std::string human_runs(const std::vector<RunSummary>& runs, const Style& style) {
    if (runs.empty()) {
        return "there are no runs yet\n";
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& run : runs) {
        rows.push_back(
            {run.run, run.procedure, printable(run.target), style.paint(tone_of(run), run.state),
             run.took ? system::format_duration(*run.took) : "-",
             run.note.empty() ? (run.keeps.empty() ? "" : "keeps " + printable(run.keeps))
                              : printable(run.note)});
    }
    return table(rows);
}

std::string runs_as_json(const std::vector<RunSummary>& runs) {
    auto list = json::array();
    for (const auto& run : runs) {
        json one{{"run", run.run}, {"state", run.state}};
        const auto put = [&one](const char* key, const std::string& value) {
            if (!value.empty()) {
                one[key] = value;
            }
        };
        put("procedure", run.procedure);
        put("target", run.target);
        put("started", run.started);
        if (run.took) {
            one["duration_ms"] = run.took->count();
        }
        one["undoable"] = run.undoable;
        put("keeps", run.keeps);
        put("note", run.note);
        list.push_back(std::move(one));
    }
    return json{{"schema", "drctl.runs/1"}, {"runs", std::move(list)}}.dump(
               -1, ' ', false, json::error_handler_t::replace) +
           "\n";
}

} // namespace drctl::app::views
