// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace drctl::postgres::restore {

/// The server's lock modes on a table, weakest first.
enum class LockMode {
    access_share,
    row_share,
    row_exclusive,
    share_update_exclusive,
    share,
    share_row_exclusive,
    exclusive,
    access_exclusive,
};

/// Whether a session must wait for one while another session holds the other. Symmetric.
/// Source: table 13.2 of PostgreSQL's manual, "Conflicting Lock Modes".
[[nodiscard]] bool conflict(LockMode one, LockMode other) noexcept;

struct Lock {
    std::string resource; ///< a table, or whatever else must not be touched at the same time
    LockMode mode = LockMode::access_exclusive;
};

} // namespace drctl::postgres::restore
