// SPDX-License-Identifier: Apache-2.0
#include "views/report.hpp"

#include "system/units.hpp"
#include "views/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace drctl::app::views {
namespace {

Tone tone_of(Outcome outcome) {
    switch (outcome) {
    case Outcome::healthy:
    case Outcome::started:
    case Outcome::repaired:
    case Outcome::recovered:
    case Outcome::copied:
    case Outcome::undone:
        return Tone::good;
    case Outcome::planned:
        return Tone::strong;
    case Outcome::partial:
    case Outcome::locked:
    case Outcome::unreachable:
    case Outcome::interrupted:
    case Outcome::failed_undone:
        return Tone::warning;
    case Outcome::refused:
    case Outcome::failed:
    case Outcome::damaged:
    case Outcome::over_limit:
    case Outcome::usage:
    case Outcome::error:
        break;
    }
    return Tone::bad;
}

Tone tone_of(StepStatus status) {
    switch (status) {
    case StepStatus::satisfied:
    case StepStatus::done:
        return Tone::good;
    case StepStatus::blocked:
    case StepStatus::failed:
        return Tone::bad;
    case StepStatus::undone:
    case StepStatus::unknown:
        return Tone::warning;
    case StepStatus::skipped:
    case StepStatus::planned:
    case StepStatus::if_needed:
        break;
    }
    return Tone::dim;
}

// Rounded up to what format_duration() shows: "at most" has to be true.
std::string upper_bound(std::chrono::seconds span) {
    using std::chrono::hours;
    using std::chrono::minutes;
    const auto whole = span >= hours(24)  ? std::chrono::seconds(std::chrono::ceil<hours>(span))
                       : span >= hours(1) ? std::chrono::seconds(std::chrono::ceil<minutes>(span))
                                          : span;
    return system::format_duration(whole);
}

std::string amount_of(const Report::DataLoss& loss) {
    std::string text =
        loss.at_most ? "at most " + upper_bound(*loss.at_most) : std::string("an unknown amount");
    if (loss.upto) {
        text += fmt::format(": what was written after {}", system::format_rfc3339(*loss.upto));
    }
    return text;
}

std::string lost(const Report& report) {
    if (!report.data_loss) {
        return "nothing";
    }
    const auto amount = amount_of(*report.data_loss);
    switch (report.outcome) {
    case Outcome::recovered:
    case Outcome::partial:
    case Outcome::failed:
    case Outcome::interrupted:
        return amount;
    case Outcome::planned:
        return "nothing yet; going on loses " + amount;
    case Outcome::refused:
        return "nothing; going ahead would lose " + amount;
    default:
        return "nothing";
    }
}

// A label and what belongs to it, one a line, aligned.
std::string labelled(const Style& style, std::string_view label,
                     const std::vector<std::string>& values) {
    constexpr std::size_t column = 11;
    std::string text;
    for (const auto& value : values) {
        const auto head = text.empty() ? label : std::string_view{};
        text += style.paint(Tone::strong, head);
        text.append(column - head.size(), ' ');
        text += value + "\n";
    }
    return text;
}

std::string closing_lines(const Report& report, const Style& style) {
    std::vector<std::string> kept;
    for (const auto& one : report.kept) {
        kept.push_back(printable(one.what) +
                       (one.remove_with.empty()
                            ? " (needed until the run has ended)"
                            : fmt::format(" (delete with: {})", printable(one.remove_with))));
    }
    if (kept.empty()) {
        kept.emplace_back("nothing");
    }
    return labelled(style, "Lost", {lost(report)}) + labelled(style, "Kept", kept) +
           labelled(style, "Undo with",
                    {report.undo_with.empty() ? "nothing to undo" : printable(report.undo_with)});
}

std::string listed(std::string_view heading, const std::vector<std::string>& lines) {
    if (lines.empty()) {
        return {};
    }
    std::string text = fmt::format("{}\n", heading);
    for (const auto& line : lines) {
        text += fmt::format("  {}\n", printable(line));
    }
    return text;
}

std::string backup_lines(const Report& report, bool with_rejected) {
    if (!report.backup) {
        return {};
    }
    const auto& backup = *report.backup;
    std::string text;
    if (!backup.path.empty()) {
        text += fmt::format("Backup\n  {}{}\n", printable(backup.path),
                            backup.taken.empty() ? "" : ", taken " + printable(backup.taken));
    }
    if (!with_rejected) {
        return text;
    }
    for (const auto& rejected : backup.rejected) {
        text += fmt::format("  not {}: {}\n", printable(rejected.path), printable(rejected.reason));
    }
    return text;
}

bool is_later(const Report::Step& step) {
    return step.status == StepStatus::if_needed;
}

std::string planned_steps(const Report& report, const Style& style) {
    std::string text = "Steps\n";
    std::size_t number = 0;
    for (const auto& step : report.steps) {
        if (is_later(step)) {
            continue;
        }
        text += fmt::format("  {:>2}. {}\n", ++number,
                            style.paint(Tone::strong, printable(step.title)));
        if (!step.reason.empty()) {
            text += fmt::format("      {}\n", printable(step.reason));
        }
    }
    if (number == 0) {
        text.clear();
    }
    if (std::any_of(report.steps.begin(), report.steps.end(), is_later)) {
        text += "If that is not enough\n";
    }
    for (const auto& step : report.steps) {
        if (is_later(step)) {
            text += fmt::format("      {}\n", printable(step.title));
        }
    }
    return text;
}

std::string finished_steps(const Report& report, const Style& style) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& step : report.steps) {
        rows.push_back({style.paint(tone_of(step.status), name_of(step.status)), step.id,
                        printable(step.title),
                        step.duration ? system::format_duration(*step.duration) : std::string()});
        if (!step.evidence.empty()) {
            rows.push_back({"", "", style.paint(Tone::dim, printable(step.evidence)), ""});
        }
    }
    return rows.empty() ? std::string() : "Steps\n" + table(rows, 2);
}

bool went_well(Outcome outcome) {
    return tone_of(outcome) == Tone::good;
}

std::string heading(const Report& report, const Style& style) {
    auto name = report.procedure;
    if (!report.target.empty()) {
        name += (name.empty() ? "" : " ") + printable(report.target);
    }
    std::string text = fmt::format("{}: {}\n", style.paint(Tone::strong, name),
                                   style.paint(tone_of(report.outcome), name_of(report.outcome)));
    if (!report.summary.empty()) {
        text += fmt::format("  {}\n", printable(report.summary));
    }
    if (!report.error.empty() && report.error != report.summary) {
        text += fmt::format("  {}\n", printable(report.error));
    }
    if (!report.hint.empty()) {
        text +=
            fmt::format("  {} {}\n", style.paint(Tone::strong, "hint:"), printable(report.hint));
    }
    return text;
}

std::string run_line(const Report& report) {
    if (report.run.empty()) {
        return {};
    }
    std::string text = "  run " + report.run;
    if (report.started && report.finished) {
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(*report.finished -
                                                                                *report.started);
        text += ", " + system::format_duration(took);
    }
    if (report.outage) {
        text += "; services were down for " + system::format_duration(*report.outage);
    }
    return text + "\n";
}

std::string circumstances(const Report& report) {
    std::vector<std::string> lines;
    const auto add = [&](std::string_view label, const std::string& value) {
        if (!value.empty()) {
            lines.push_back(fmt::format("{} {}", label, value));
        }
    };
    add("by", report.by.user + (report.by.sudo_user.empty() ? "" : " for " + report.by.sudo_user) +
                  (report.by.host.empty() ? "" : " on " + report.by.host));
    add("as", fmt::format("{}", fmt::join(report.by.argv, " ")));
    add("from", report.started ? system::format_rfc3339(*report.started) : std::string());
    add("to", report.finished ? system::format_rfc3339(*report.finished) : std::string());
    add("because", report.reason);
    add("incident", report.incident);
    add("accepted", fmt::format("{}", fmt::join(report.accepted, ", ")));
    return listed("Circumstances", lines);
}

std::string warnings(const Report& report, const Style& style) {
    std::string text;
    for (const auto& warning : report.warnings) {
        text += fmt::format("{} {}\n", style.paint(Tone::warning, "mind:"), printable(warning));
    }
    return text;
}

} // namespace

std::string human_plan(const Report& report, const Style& style) {
    auto text = listed("Seen", report.evidence) + backup_lines(report, true) +
                planned_steps(report, style) + warnings(report, style);
    if (report.expected_outage) {
        text += fmt::format("Services will be down for about {}{}.\n",
                            system::format_duration(*report.expected_outage),
                            report.expected_outage_from.empty()
                                ? ""
                                : ", reckoned from " + printable(report.expected_outage_from));
    }
    return text;
}

std::string human_report(const Report& report, const Style& style, Detail detail) {
    if (detail == Detail::quiet) {
        if (report.outcome == Outcome::healthy) {
            return {};
        }
        return heading(report, style) + closing_lines(report, style);
    }
    auto text = heading(report, style) + run_line(report);
    if (report.outcome == Outcome::planned || report.run.empty()) {
        text += human_plan(report, style);
        if (!report.plan_id.empty()) {
            text += fmt::format("This plan and no other: --expect-plan {}\n", report.plan_id);
        }
    } else {
        const bool all = detail == Detail::verbose || !went_well(report.outcome);
        text += all ? listed("Seen", report.evidence) : std::string();
        text += backup_lines(report, all);
        text += all ? finished_steps(report, style) : std::string();
        text += warnings(report, style);
    }
    text += listed("Not looked at", report.not_looked_at);
    if (detail == Detail::verbose) {
        text += circumstances(report);
    }
    return text + "\n" + closing_lines(report, style);
}

} // namespace drctl::app::views
