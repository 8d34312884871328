// SPDX-License-Identifier: Apache-2.0
#include "views/narrator.hpp"

#include "engine/plan.hpp"
#include "engine/reporting.hpp"
#include "system/units.hpp"
#include "views/text.hpp"

#include <fmt/format.h>

namespace drctl::app::views {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds shortest_work{2'000};
constexpr milliseconds redraw_every{200};

} // namespace

Narrator::~Narrator() {
    clear_line();
}

void Narrator::note(std::string_view text) {
    say(fmt::format("{}\n", printable(text)));
}

void Narrator::warning(std::string_view text) {
    const std::lock_guard guard(mutex_);
    // Also with --quiet: a warning is no narration.
    say_locked(fmt::format("{} {}\n", console_.err_style().paint(Tone::warning, "warning:"),
                           printable(text)));
}

void Narrator::assessed(const engine::Assessment& assessment) {
    std::string text = fmt::format("seen: {}\n", printable(assessment.summary));
    if (detail_ == Detail::verbose) {
        for (const auto& evidence : assessment.evidence) {
            text += fmt::format("      {}\n", printable(evidence));
        }
    }
    say(text);
}

void Narrator::planned(const engine::Plan& plan) {
    const auto& style = console_.err_style();
    Report shown;
    engine::fill_from_plan(shown, plan, {});
    say(fmt::format("{} {}\n{}", style.paint(Tone::strong, "plan:"), printable(plan.summary),
                    human_plan(shown, style)));
}

void Narrator::run_started(const std::string& run_id, bool resumed) {
    say(fmt::format("run {} {}; follow it from anywhere with: drctl runs follow {}\n", run_id,
                    resumed ? "continues" : "begins", run_id));
}

void Narrator::step_started(const engine::StepInfo& step) {
    if (detail_ == Detail::verbose) {
        say(fmt::format("{}: {}\n", step.id, printable(step.reason)));
    }
    progress({engine::Progress::Unit::items, step.title, 0, 0});
}

void Narrator::step_finished(const engine::StepInfo& step, StepStatus status,
                             const std::string& evidence, milliseconds duration) {
    const auto& style = console_.err_style();
    const bool failed = status == StepStatus::failed || status == StepStatus::blocked ||
                        status == StepStatus::unknown;
    auto text = fmt::format("{:<9} {} ({})\n", name_of(status), printable(step.title),
                            system::format_duration(duration));
    if (failed) {
        text = style.paint(Tone::bad, text);
    }
    if (!evidence.empty() && (failed || detail_ == Detail::verbose)) {
        text += fmt::format("          {}\n", style.paint(Tone::dim, printable(evidence)));
    }
    say(text);
}

void Narrator::undo_started(const std::string& why) {
    say(fmt::format("{}\n", printable(why)));
}

void Narrator::progress(const engine::Progress& progress) {
    const std::lock_guard guard(mutex_);
    const auto now = clock_.steady();
    meter_.update(progress, now);
    if (detail_ == Detail::quiet || meter_.age(now) < shortest_work) {
        return;
    }
    const bool terminal = console_.err_is_terminal();
    if (shown_ && now - *shown_ < (terminal ? redraw_every : line_every)) {
        return;
    }
    // Elsewhere than on a terminal the first line comes after the first interval, too.
    if (!terminal && !shown_ && meter_.age(now) < line_every) {
        return;
    }
    shown_ = now;
    if (terminal) {
        console_.narrate("\r\x1b[K" + cut(meter_.line(), console_.err_columns() - 1));
        line_drawn_ = true;
    } else {
        console_.narrate(meter_.line() + "\n");
    }
}

void Narrator::say(std::string_view text) {
    const std::lock_guard guard(mutex_);
    if (detail_ != Detail::quiet) {
        say_locked(text);
    }
}

void Narrator::say_locked(std::string_view text) {
    clear_line();
    console_.narrate(text);
}

void Narrator::clear_line() {
    if (line_drawn_) {
        console_.narrate("\r\x1b[K");
        line_drawn_ = false;
    }
}

} // namespace drctl::app::views
