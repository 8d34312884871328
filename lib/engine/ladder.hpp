// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "drctl/report.hpp"
#include "engine/consent.hpp"
#include "engine/environment.hpp"
#include "engine/procedure.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace drctl::engine {

/// What the person asked for, beside the target.
struct RunRequest {
    bool plan_only = false; ///< --plan
    bool yes = false;       ///< --yes
    bool resume = false;    ///< --resume
    ConsentPolicy consent;  ///< at_terminal is in here
    std::optional<std::string> expect_plan;
    std::chrono::milliseconds lock_timeout{0};
    std::string reason;
    std::string incident;
    Report::By by;
};

/// Climbs a procedure's ladder: continues an unfinished run, else assesses, plans the lowest rung
/// that can help, asks, runs it, and looks again, until the target is healthy or something is in
/// the way. Expected ends are reports; only usage errors and bugs are thrown.
///
///     unfinished run? ──yes──> same target, configuration, backup? ──no──> refuse, name the undo
///          │ no                        │ yes: go on from its journaled plan
///          v                           v
///     ┌> assess ──healthy──> report   run the rung ──failed──> undo ──> report
///     │    │ blocked ─────> report         │ succeeded (or its failure tells something)
///     │    │ rung                          │
///     │    └─> plan ─> consent ────────────┘──┐
///     └──────────────────────────────────────┘
[[nodiscard]] DRCTL_API Report climb(Procedure& procedure, const Environment& environment,
                                     const RunRequest& request);

} // namespace drctl::engine
