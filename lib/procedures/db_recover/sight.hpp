// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/procedure.hpp"
#include "procedures/db_recover/judge.hpp"
#include "procedures/db_target.hpp"

namespace drctl::procedures {

/// Looks at a database and its server, as deep as the answer needs. Changes nothing.
[[nodiscard]] Sight look_at(const DbTarget& target, const DbRecoverOptions& options,
                            const engine::LookContext& context);

} // namespace drctl::procedures
