// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/foreign_key.hpp"

#include "postgres/dump/name.hpp"

#include <fmt/core.h>
#include <string_view>

namespace drctl::postgres::restore {
namespace {

/// Whether the rows can be checked by walking along two indexes side by side: the referencing
/// columns lead a B-tree in the order of the referenced unique index.
///
/// The planner underrates that: it takes the two indexes for scattered over a disk, and a hash
/// table larger than the processor's caches for cheap.
bool indexes_run_in_parallel(Connection& connection, const std::string& purpose,
                             const dump::Statement& foreign_key) {
    const auto found = connection.exec_for(
        purpose, R"(
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
    JOIN pg_catalog.pg_am a ON a.oid = ic.relam
    WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL AND a.amname = 'btree'
      AND NOT EXISTS (
        SELECT FROM pg_catalog.generate_series(0, pg_catalog.cardinality(k.conkey) - 1) AS at
        WHERE i.indkey[at] IS DISTINCT FROM
            k.conkey[pg_catalog.array_position(k.confkey, r.indkey[at])]))
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_index r ON r.indexrelid = k.conindid
WHERE k.contype = 'f' AND k.conname = $2
  AND k.conrelid = $1::pg_catalog.regclass)",
        {foreign_key.tables.front(), dump::unquote_identifier(foreign_key.object)});
    return !found.empty() && found.boolean(0, 0);
}

} // namespace

std::optional<std::string> without_validation(const dump::Statement& foreign_key) {
    std::string_view text = foreign_key.text;
    if (text.empty() || text.back() != ';') {
        return std::nullopt;
    }
    text.remove_suffix(1);
    for (const std::string_view end : {"NOT VALID", "NOT ENFORCED"}) {
        if (text.ends_with(end)) {
            return std::nullopt;
        }
    }
    return fmt::format("{} NOT VALID;", text);
}

void validate(Connection& connection, const std::string& purpose,
              const dump::Statement& foreign_key) {
    const bool merge = indexes_run_in_parallel(connection, purpose, foreign_key);
    // Both in one message, so in one transaction: LOCAL ends with it.
    connection.exec_for(purpose, fmt::format("{}ALTER TABLE ONLY {} VALIDATE CONSTRAINT {}",
                                             merge ? "SET LOCAL enable_hashjoin = off; " : "",
                                             foreign_key.tables.front(), foreign_key.object));
}

} // namespace drctl::postgres::restore
