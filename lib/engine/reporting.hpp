// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"
#include "drctl/report.hpp"
#include "engine/plan.hpp"
#include "engine/procedure.hpp"
#include "engine/run_record.hpp"
#include "system/clock.hpp"

#include <map>
#include <string>

namespace drctl::engine {

/// Reports made from what is known at the end: a run's record, a plan, an assessment, an error.

/// SHA-256 over a flat configuration.
[[nodiscard]] std::string configuration_digest(const std::map<std::string, std::string>& flat);

/// Procedure, target, who, when, version, configuration; outcome still to be set.
[[nodiscard]] Report base_report(const Procedure& procedure, const Report::By& by,
                                 system::WallTime started);

/// Everything the record knows: run, steps, backup, loss, outage, accepted.
DRCTL_API void fill_from_record(Report& report, const RunRecord& record);
/// The steps and promises of a plan that was not carried out.
DRCTL_API void fill_from_plan(Report& report, const Plan& plan, const std::string& target);
void fill_from_assessment(Report& report, const Assessment& assessment);
/// Error text, hint, and the outcome that belongs to it.
void fill_from_error(Report& report, const Error& error);

/// Sets outcome and its exit code together.
DRCTL_API void conclude(Report& report, Outcome outcome, std::string summary);
/// The same for a run that has not ended, whose report was filled from its record.
DRCTL_API void conclude_unfinished(Report& report, const RunRecord& record, std::string summary);
/// Of what a signal has stopped: 143 for SIGTERM and for a hang-up, which ends a command likewise.
[[nodiscard]] ExitCode exit_code_of_stop(int signal) noexcept;

} // namespace drctl::engine
