// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/ladder.hpp"
#include "engine/procedure.hpp"
#include "engine/run_record.hpp"

#include <string>
#include <vector>

namespace drctl::engine {

/// `drctl runs undo RUN`.
[[nodiscard]] std::string undo_command(const std::string& run);

/// Throws Error(refused) unless an unfinished run can be continued as it was begun: stopped by
/// a crash (or by a person who now says so), and with the configuration, options, target and
/// backup that its journal names. The message lists every difference, the hint the way out.
void check_resumable(const RunRecord& record, Procedure& procedure, const Environment& environment,
                     const RunRequest& request);

} // namespace drctl::engine
