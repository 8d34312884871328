// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"
#include "drctl/export.hpp"

#include <span>
#include <string_view>

namespace drctl {

/// How a command ended, as the report's `outcome` names it.
enum class Outcome {
    healthy,
    started,
    repaired,
    recovered,
    copied, ///< a copy was made beside the target, which is as it was
    undone, ///< a run was taken back, or what it kept was deleted
    planned,
    refused,
    failed_undone,
    failed,
    locked,
    unreachable,
    partial,
    damaged,
    over_limit,
    usage,
    error,
    interrupted,
};

/// The program's exit codes. This is their only table: help, man pages, the reference and
/// the views print it.
enum class ExitCode : int {
    good = 0,
    bug = 1,
    usage = 2,
    refused = 3,
    failed_undone = 4,
    failed = 5,
    locked = 6,
    unreachable = 7,
    steps_to_do = 8,
    partial = 9,
    damaged = 10,
    over_limit = 11,
    interrupted = 130,
    terminated = 143,
};

struct ExitCodeRow {
    ExitCode code;
    std::string_view meaning;
};

/// Every exit code with its meaning, in ascending order.
DRCTL_API std::span<const ExitCodeRow> exit_codes() noexcept;

/// The name of an outcome as it stands in reports (`failed-undone`).
DRCTL_API std::string_view name_of(Outcome outcome) noexcept;
/// The outcome that a report or a journal names; throws Error(damaged) for a name that is none.
DRCTL_API Outcome outcome_named(std::string_view name);
/// The exit code that belongs to an outcome; `interrupted` gives 130.
DRCTL_API ExitCode exit_code_of(Outcome outcome) noexcept;
/// The outcome of a command that an error ended before anything was changed.
DRCTL_API Outcome outcome_of(ErrorCode code) noexcept;

} // namespace drctl
