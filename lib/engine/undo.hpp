// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "drctl/report.hpp"
#include "engine/environment.hpp"
#include "engine/ladder.hpp"
#include "engine/procedure.hpp"

#include <string>

namespace drctl::engine {

/// Takes a run back, also one that succeeded or that died: `drctl runs undo`. The procedure is the
/// one that the run's journal describes, built from its journaled configuration. What the
/// run put in place is kept in turn. Killed half way, the same call goes on.
/// Refuses (in the report) when a later run of the target stands on this one, when it is already
/// taken back, and when what it kept was pruned.
[[nodiscard]] DRCTL_API Report undo_run(Procedure& procedure, const std::string& run_id,
                                        const Environment& environment, const RunRequest& request);

/// Deletes what a finished run has kept: `drctl runs prune`. Its journal stays.
[[nodiscard]] DRCTL_API Report prune_run(Procedure& procedure, const std::string& run_id,
                                         const Environment& environment, const RunRequest& request);

} // namespace drctl::engine
