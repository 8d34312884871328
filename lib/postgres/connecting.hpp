// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/connection.hpp"

namespace drctl::postgres {

/// Opens a session, as the account that the target's authentication wants. It is blocking still.
/// Throws Error(unreachable), Error(refused) for authentication, Error(interrupted),
/// Error(usage) where the account does not exist.
PgConn connect(const Target& target, const Session& session, system::StopToken stop);

} // namespace drctl::postgres
