// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"
#include "engine/ladder.hpp"
#include "engine/procedure.hpp"
#include "engine/run_record.hpp"
#include "engine/run_store.hpp"

#include <optional>
#include <string>

namespace drctl::engine {

/// `drctl runs undo RUN`.
[[nodiscard]] std::string undo_command(const std::string& run);

/// Throws Error(refused) unless an unfinished run can be continued as it was begun: stopped by
/// a crash (or by a person who now says so), and with the configuration, options, target and
/// backup that its journal names. The message lists every difference, the hint the way out.
void check_resumable(const RunRecord& record, Procedure& procedure, const Environment& environment,
                     const RunRequest& request);

/// Throws Error(refused) if the plan is not the one that `--expect-plan` names.
void expect_plan(const Plan& plan, const std::string& target, const RunRequest& request);

/// Brings back what a journaled rung stands on, as long as that loses nothing: it may have gone
/// with the machine. Returns what is in the way, nothing if the rung can go on.
[[nodiscard]] std::optional<Error> restore_ground(Procedure& procedure, const std::string& rung,
                                                  Run& run, Observer& observer,
                                                  const Environment& world);

} // namespace drctl::engine
