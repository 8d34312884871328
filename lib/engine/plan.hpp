// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "drctl/report.hpp"
#include "engine/step.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace drctl::engine {

/// What a look at the target found, and what follows from it.
struct Assessment {
    enum class Verdict { healthy, needs_rung, blocked } verdict = Verdict::blocked;
    std::string rung;    ///< for needs_rung: the lowest rung that can help
    std::string summary; ///< one sentence
    std::vector<std::string> evidence;
    ErrorCode blocked_as = ErrorCode::refused; ///< for blocked: refused, unreachable, usage, failed
    std::string hint;                          ///< for blocked: what to fix or type next
    std::vector<std::string> not_looked_at;    ///< what "healthy" does not cover
};

struct PlannedStep {
    std::unique_ptr<Step> step;
    std::string reason;
};

/// What may become necessary after this rung; shown, never acted on.
struct LaterRung {
    std::string rung;
    std::string title;
};

/// What running a plan destroys for good.
struct ExpectedLoss {
    std::string what; ///< in words, for the question
    Report::DataLoss amount;
    std::optional<std::uint64_t> bytes;
    std::optional<std::string> repeats; ///< a run that lost the target's data only lately
};

/// One rung, planned: what is going to be done to what, and why. Made read-only.
struct Plan {
    std::string rung;
    std::string summary;
    Outcome on_success = Outcome::recovered;
    std::vector<PlannedStep> steps;
    std::vector<LaterRung> if_needed;
    std::vector<std::string> consequences; ///< what a person should know before saying yes
    std::optional<std::chrono::milliseconds> expected_outage;
    std::string outage_from; ///< what that is reckoned from, in words
    std::optional<ExpectedLoss> loss;
    std::optional<Report::Backup> backup;
    Facts facts; ///< journaled with the plan; with the configuration they rebuild the steps
    /// Overrides of safety checks that this plan uses, as the report's `accepted` names them.
    std::vector<std::string> accepted;
};

/// Identifies what a plan would do to a target: rung, steps with their titles, backup and the
/// target's identity; not names that derive from the run, times or reasons.
/// `--expect-plan` compares it.
DRCTL_API std::string plan_id(const std::string& target, const Plan& plan);

} // namespace drctl::engine
