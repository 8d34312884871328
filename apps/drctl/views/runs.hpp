// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/report.hpp"
#include "engine/run_record.hpp"
#include "system/clock.hpp"
#include "views/style.hpp"

#include <optional>
#include <string>
#include <vector>

namespace drctl::app::views {

/// A run as a list shows it.
struct RunSummary {
    std::string run;
    std::string procedure;
    std::string target;
    std::string state; ///< running, unfinished, interrupted, undoing, unreadable, or the outcome
    std::string started;
    std::optional<std::chrono::milliseconds> took;
    std::string keeps; ///< what it keeps until it is pruned
    bool undoable = false;
    std::string note; ///< why it cannot be read, or what to type next
};

/// `alive`: a process is at work on it.
[[nodiscard]] RunSummary summary_of(const engine::RunRecord& record, bool alive);

/// What there is to tell of a run: its report, or for an unfinished one what its journal says.
[[nodiscard]] Report report_of(const engine::RunRecord& record, bool alive);

[[nodiscard]] std::string human_runs(const std::vector<RunSummary>& runs, const Style& style);
/// Schema drctl.runs/1.
[[nodiscard]] std::string runs_as_json(const std::vector<RunSummary>& runs);

} // namespace drctl::app::views
