// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/procedure.hpp"
#include "procedures/db_recover/judge.hpp"
#include "procedures/db_target.hpp"

namespace drctl::procedures {

/// What a look is for, and so how deep it goes.
enum class Purpose {
    /// The least that tells what to do. Not at what something else manages; every row of a server
    /// that came up lately.
    to_act,
    /// All that is wrong, whoever manages the server; every row of one that came up lately.
    to_verify,
    /// A first answer within seconds, whoever manages the server.
    to_watch,
};

/// Looks at a database and its server, as deep as the answer needs. Changes nothing
/// but what is remembered of a healthy one (LastSeen).
[[nodiscard]] Sight look_at(const DbTarget& target, const DbRecoverOptions& options,
                            const engine::LookContext& context, Purpose purpose = Purpose::to_act);

} // namespace drctl::procedures
