// SPDX-License-Identifier: Apache-2.0
#include "postgres/verify.hpp"

#include <fmt/core.h>
#include <map>

namespace drctl::postgres {
namespace {

Cause differs(std::string words) {
    auto cause = make_cause(Cause::Kind::data_corrupted, std::move(words));
    cause.scope = DamageScope::database;
    cause.hint = "the backup and the database disagree; try an older backup: --before TIME";
    return cause;
}

std::optional<Cause> compare_rows(Connection& connection, const dump::Outline& outline) {
    std::map<std::string, std::uint64_t> expected;
    for (const auto& block : outline.copies) {
        expected[block.table] += block.rows;
    }
    for (const auto& [table, rows] : expected) {
        // Rows that were loaded through a partitioned table lie in its partitions.
        const auto kind = connection.exec(
            "SELECT relkind = 'p' FROM pg_catalog.pg_class WHERE oid = $1::pg_catalog.regclass",
            {table});
        const std::string only = kind.boolean(0, 0) ? "" : "ONLY ";
        const auto found = connection.exec_for("count the rows of " + table,
                                               "SELECT pg_catalog.count(*) FROM " + only + table);
        if (static_cast<std::uint64_t>(found.integer(0, 0)) != rows) {
            return differs(
                fmt::format("{} has {} rows, the backup has {}", table, found.integer(0, 0), rows));
        }
    }
    return std::nullopt;
}

std::optional<Cause> compare_sequences(Connection& connection, const dump::Outline& outline) {
    for (const auto& sequence : outline.sequences) {
        const auto found =
            connection.exec_for("read sequence " + sequence.sequence,
                                "SELECT last_value, is_called FROM " + sequence.sequence);
        if (found.integer(0, 0) != sequence.value || found.boolean(0, 1) != sequence.is_called) {
            return differs(fmt::format("sequence {} is at {}, the backup has {}", sequence.sequence,
                                       found.integer(0, 0), sequence.value));
        }
    }
    return std::nullopt;
}

std::optional<Cause> compare_extensions(Connection& connection, const dump::Outline& outline) {
    for (const auto& extension : outline.needs.extensions) {
        const auto found =
            connection.exec("SELECT FROM pg_catalog.pg_extension WHERE extname = $1", {extension});
        if (found.empty()) {
            return differs(fmt::format("extension {} is missing", extension));
        }
    }
    return std::nullopt;
}

/// A partitioned index that waits for its parts is invalid because the dump says so.
std::optional<Cause> find_invalid_index(Connection& connection) {
    const auto found =
        connection.exec("SELECT i.indexrelid::pg_catalog.regclass FROM pg_catalog.pg_index i "
                        "JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
                        "WHERE c.relkind = 'i' AND NOT (i.indisvalid AND i.indisready) LIMIT 1");
    return found.empty() ? std::nullopt
                         : std::optional(differs("index " + found.string(0, 0) + " is invalid"));
}

} // namespace

Verification compare_with_dump(const Target& database, const dump::Outline& outline,
                               system::StopToken stop) {
    auto connection = open_table_reader(database, stop);
    Verification found;
    found.wrong = compare_rows(connection, outline);
    if (!found.wrong) {
        found.wrong = compare_sequences(connection, outline);
    }
    if (!found.wrong) {
        found.wrong = compare_extensions(connection, outline);
    }
    if (!found.wrong) {
        found.wrong = find_invalid_index(connection);
    }
    if (!found.wrong) {
        found.good.push_back(fmt::format("{} rows in {} tables, as in the backup", outline.rows,
                                         outline.copies.size()));
    }
    return found;
}

} // namespace drctl::postgres
