// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/connection.hpp"

namespace drctl::postgres {

/// Whether the server's socket may want an account that this one cannot become.
[[nodiscard]] bool is_outsider(const Target& target);

/// Opens a session, as the account that the target's authentication wants, or as we are where we
/// cannot become it. It is blocking still.
/// Throws Error(unreachable), Error(refused) for authentication, Error(interrupted),
/// Error(usage) where the account does not exist.
PgConn connect(const Target& target, const Session& session, system::StopToken stop);

} // namespace drctl::postgres
