// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/report.hpp"
#include "views/style.hpp"

#include <string>

namespace drctl::app::views {

/// How much is said. `quiet`: only what was lost, kept or refused; nothing at all of a healthy
/// target. `verbose`: every step with what was seen.
enum class Detail { quiet, normal, verbose };

/// A report for people, also of a run that was only planned. Ends in three lines: Lost, Kept,
/// Undo with.
[[nodiscard]] std::string human_report(const Report& report, const Style& style, Detail detail);

/// What is going to be done and why: the part of the report above that a person reads before
/// saying yes.
[[nodiscard]] std::string human_plan(const Report& report, const Style& style);

} // namespace drctl::app::views
