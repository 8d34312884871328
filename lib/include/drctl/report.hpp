// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/outcome.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace drctl {

/// What became of a step, as the report's `status` names it.
enum class StepStatus {
    satisfied, ///< nothing had to be done
    done,      ///< done, and observed to be so
    blocked,   ///< something stands in the way
    skipped,   ///< not reached
    failed,
    undone,
    unknown, ///< done, but what became of it could not be confirmed
    planned,
    if_needed, ///< belongs to a later rung
};

DRCTL_API std::string_view name_of(StepStatus status) noexcept;

/// The one answer of every command that acts (or plans to): what `--json` prints and what a
/// human report is made of. Empty strings and empty optionals mean "does not apply".
struct Report {
    using WallTime = std::chrono::system_clock::time_point;

    struct By {
        std::string user;
        std::string sudo_user;
        std::string host;
        std::vector<std::string> argv;
    };
    struct DataLoss {
        std::optional<WallTime> upto;                ///< everything before this is there
        std::optional<std::chrono::seconds> at_most; ///< what came after it, in time
    };
    struct RejectedBackup {
        std::string path;
        std::string reason;
    };
    struct Backup {
        std::string path;
        std::string taken;
        std::string sha256;
        std::vector<RejectedBackup> rejected;
    };
    struct Step {
        std::string id;
        std::string title;
        StepStatus status = StepStatus::planned;
        std::string reason;
        std::string evidence;
        std::optional<std::chrono::milliseconds> duration;
    };
    struct Kept {
        std::string what;
        std::string remove_with; ///< empty: not yet
    };

    std::string run;
    std::string procedure;
    std::string target;
    Outcome outcome = Outcome::error;
    ExitCode exit_code = ExitCode::bug;
    std::string summary;
    By by;
    std::string version;
    std::string config_sha256;
    std::vector<std::string> accepted;
    std::string reason;
    std::string incident;
    std::string plan_id;
    std::optional<WallTime> started;
    std::optional<WallTime> finished;
    std::optional<std::chrono::milliseconds> outage;
    std::optional<std::chrono::milliseconds> expected_outage;
    std::string expected_outage_from; ///< of a plan: what it is reckoned from
    std::optional<DataLoss> data_loss;
    std::optional<Backup> backup;
    std::vector<Step> steps;
    std::vector<Kept> kept;
    std::string undo_with;
    std::vector<std::string> evidence;
    std::vector<std::string> not_looked_at;
    std::vector<std::string> warnings;
    std::string error;
    std::string hint;
};

/// The report as one JSON object of schema drctl.report/1, without a line end.
DRCTL_API std::string to_json(const Report& report);
/// Reads what to_json() wrote; throws Error(damaged) for anything else.
DRCTL_API Report report_from_json(std::string_view text);

} // namespace drctl
