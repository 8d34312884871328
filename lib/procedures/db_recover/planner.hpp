// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/plan.hpp"
#include "engine/procedure.hpp"
#include "procedures/db_recover/options.hpp"
#include "procedures/db_target.hpp"

#include <string>
#include <vector>

namespace drctl::procedures {

/// Plans the rung that an assessment asks for. Read-only. Throws Error(refused) where the rung
/// cannot be taken safely.
[[nodiscard]] engine::Plan make_plan(const DbTarget& target, const DbRecoverOptions& options,
                                     const engine::Assessment& assessment,
                                     const engine::LookContext& context);

/// The steps of a rung, from configuration and facts alone: the same for the plan and for a process
/// that continues it.
[[nodiscard]] std::vector<engine::PlannedStep> steps_of(const DbTarget& target,
                                                        const DbRecoverOptions& options,
                                                        const std::string& rung,
                                                        const engine::Facts& facts);

} // namespace drctl::procedures
