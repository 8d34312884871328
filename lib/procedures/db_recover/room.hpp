// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "postgres/connection.hpp"
#include "postgres/database.hpp"
#include "postgres/dump/outline.hpp"
#include "procedures/db_target.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
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

/// What decides where a copy goes.
struct CopyFacts {
    std::string tablespace;                   ///< its own
    std::set<std::string> named;              ///< those that the dump names for tables and indexes
    std::map<std::string, std::uint64_t> old; ///< bytes of the old database, by tablespace
    std::uint64_t dump_bytes = 0;
};

/// How much room a copy takes, in bytes.
struct CopyRoom {
    std::map<std::string, std::uint64_t> needed; ///< by tablespace
    std::uint64_t somewhere = 0; ///< besides, in one or more of them: nobody knows in which
};

/// A copy takes as much as the old database, or twice its dump if that is more. What the dump puts
/// into no other tablespace goes to the copy's own.
[[nodiscard]] DRCTL_API CopyRoom copy_room(const CopyFacts& facts);

/// Throws Error(refused) where the copy of a dump, or its WAL, does not fit on a volume. Returns
/// what a person should know: what may become too much, and what could not be looked at. `live` is
/// the database that is replaced, `tablespace` that of the copy.
[[nodiscard]] std::vector<std::string>
check_room(const DbTarget& target, postgres::Connection& server, std::optional<postgres::Oid> live,
           const std::string& tablespace, const postgres::dump::Outline& dump);

} // namespace drctl::procedures
