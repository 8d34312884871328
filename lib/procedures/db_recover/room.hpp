// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "postgres/connection.hpp"
#include "postgres/database.hpp"
#include "procedures/db_target.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Whether a copy fits beside the old database, asked before anything is stopped.
namespace drctl::procedures {

/// What bounds the WAL that lies in pg_wal, in bytes.
struct WalBounds {
    std::uint64_t max_wal_size = 0;
    std::uint64_t present = 0; ///< in pg_wal now
    bool held = false; ///< slots, archiving or wal_keep_size keep more than checkpoints need
};

/// How much more room in pg_wal a restore takes, in bytes.
struct WalRoom {
    std::uint64_t needed = 0;   ///< whatever happens
    std::uint64_t at_worst = 0; ///< where none of it is removed before the restore is over
};

/// A restore of a dump of that size writes its rows and their indexes. Without a reason to keep it,
/// no more lies there than between two checkpoints and what the last one has not removed yet (see
/// max_wal_size in PostgreSQL's "WAL Configuration"); segments that are there are used again.
[[nodiscard]] DRCTL_API WalRoom wal_room(const WalBounds& bounds, std::uint64_t dump_bytes);

/// Throws Error(refused) where the copy of a dump, or its WAL, does not fit on a volume. Returns
/// what a person should know: what may become too much, and what could not be looked at.
[[nodiscard]] std::vector<std::string> check_room(const DbTarget& target,
                                                  postgres::Connection& server,
                                                  std::optional<postgres::Oid> live,
                                                  std::uint64_t dump_bytes);

} // namespace drctl::procedures
