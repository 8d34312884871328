// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "backup/inspection.hpp"
#include "engine/plan.hpp"
#include "engine/procedure.hpp"
#include "procedures/db_recover/options.hpp"
#include "procedures/db_target.hpp"

#include <string>
#include <vector>

namespace drctl::procedures {

/// Plans the rung that an assessment asks for. Read-only. `lost_relation` is what a verification
/// query names and the catalogue does not have, or empty. Throws Error(refused) where the rung
/// cannot be taken safely.
[[nodiscard]] engine::Plan make_plan(const DbTarget& target, const DbRecoverOptions& options,
                                     const engine::Assessment& assessment,
                                     const engine::LookContext& context,
                                     const std::string& lost_relation);

/// A relation that neither the database nor its backup has was not lost but misspelt, and no
/// restore brings it back. Throws Error(refused).
void refuse_misspelt_relation(const std::string& lost_relation, const backup::Inspection& backup,
                              const std::string& database);

/// The steps of a rung, from configuration and facts alone: the same for the plan and for a process
/// that continues it.
[[nodiscard]] std::vector<engine::PlannedStep> steps_of(const DbTarget& target,
                                                        const DbRecoverOptions& options,
                                                        const std::string& rung,
                                                        const engine::Facts& facts);

} // namespace drctl::procedures
