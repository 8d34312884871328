// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/facts.hpp"
#include "postgres/database.hpp"

#include <optional>

/// Names of the facts that runs of db-recover journal; see docs/journal-format.md.
namespace drctl::procedures::fact {

inline constexpr const char* backup_path = "backup.path";
inline constexpr const char* backup_sha256 = "backup.sha256";
inline constexpr const char* backup_bytes = "backup.bytes"; ///< after decompression
inline constexpr const char* live_oid = "live.oid";         ///< empty: there was no such database
inline constexpr const char* copy_name = "copy.name";
inline constexpr const char* copy_oid = "copy.oid";
inline constexpr const char* given_name = "copy.given_name"; ///< --beside=DBNAME
inline constexpr const char* copy_complete =
    "copy.complete"; ///< what the restore counted, in words; empty: not whole
inline constexpr const char* aside_name = "aside.name"; ///< what the old one is called
inline constexpr const char* kept_name = "kept.name";   ///< database now kept, for pruning
inline constexpr const char* kept_oid = "kept.oid";
inline constexpr const char* paused = "paused"; ///< not empty: before_swap may have paused clients
inline constexpr const char* was_public =
    "copy.was_public"; ///< not empty: clients may have written into the copy
inline constexpr const char* swapped = "swapped"; ///< not empty: whatever follows the swap is done
inline constexpr const char* start_failure = "start.failure"; ///< JSON: damage, words, hint

} // namespace drctl::procedures::fact

namespace drctl::procedures {

/// An OID kept as a fact; nothing for an empty or absent one.
[[nodiscard]] std::optional<postgres::Oid> oid_of(const engine::Facts& facts, const char* key);

} // namespace drctl::procedures
