// SPDX-License-Identifier: Apache-2.0
#include "postgres/verify.hpp"

#include "postgres/printable.hpp"

#include <fmt/core.h>
#include <map>

namespace drctl::postgres {
namespace {

Cause differs(const std::string& words) {
    auto cause = make_lost_rows(printable(words));
    cause.hint = "the backup and the database disagree; try an older backup: --before TIME";
    return cause;
}

/// A relation of the database, found by the name that the dump has for it.
struct Relation {
    std::string name; ///< quoted and qualified, in our encoding
    bool partitioned = false;
    /// Rows may be in it that no dump has: CREATE EXTENSION puts its own in, and pg_dump leaves
    /// them out.
    bool filled_by_extension = false;
};

/// What this session speaks: UTF-8, but a server that takes every byte for a character has names
/// that are none.
void speak_our_encoding(Connection& connection) {
    const bool bytes = connection.parameter("server_encoding") == "SQL_ASCII";
    connection.exec(bytes ? "SET client_encoding = 'SQL_ASCII'" : "SET client_encoding = 'UTF8'");
}

/// The names in a dump are in the dump's encoding; everything after this is in ours.
Relation find_relation(Connection& connection, const dump::Outline& outline,
                       const std::string& name) {
    if (!outline.encoding.empty()) {
        connection.exec("SET client_encoding = " + connection.literal(outline.encoding));
    }
    const auto found = connection.exec("SELECT oid FROM pg_catalog.pg_class WHERE oid = "
                                       "pg_catalog.to_regclass($1)",
                                       {name});
    speak_our_encoding(connection);
    if (found.empty()) {
        return {};
    }
    const auto row = connection.exec(
        "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), c.relkind = 'p', "
        "EXISTS (SELECT FROM pg_catalog.pg_extension WHERE c.oid = ANY (extconfig)) "
        "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.oid = $1::pg_catalog.oid",
        {found.string(0, 0)});
    return {row.string(0, 0), row.boolean(0, 1), row.boolean(0, 2)};
}

std::optional<Cause> compare_rows(Connection& connection, const dump::Outline& outline) {
    struct Block {
        std::uint64_t rows = 0;
        std::uint64_t line = 0;
    };
    std::map<std::string, Block> expected;
    for (const auto& block : outline.copies) {
        auto& sum = expected[block.table];
        sum.rows += block.rows;
        sum.line = block.line;
    }
    for (const auto& [written, block] : expected) {
        const auto table = find_relation(connection, outline, written);
        if (table.name.empty()) {
            return differs(
                fmt::format("the table of line {} of the backup is missing", block.line));
        }
        // Rows that were loaded through a partitioned table lie in its partitions.
        const auto found =
            connection.exec_for("count the rows of " + table.name,
                                fmt::format("SELECT pg_catalog.count(*) FROM {}{}",
                                            table.partitioned ? "" : "ONLY ", table.name));
        const auto rows = static_cast<std::uint64_t>(found.integer(0, 0));
        if (table.filled_by_extension ? rows < block.rows : rows != block.rows) {
            return differs(
                fmt::format("{} has {} rows, the backup has {}", table.name, rows, block.rows));
        }
    }
    return std::nullopt;
}

std::optional<Cause> compare_sequences(Connection& connection, const dump::Outline& outline) {
    for (const auto& expected : outline.sequences) {
        const auto sequence = find_relation(connection, outline, expected.sequence);
        if (sequence.name.empty()) {
            return differs("a sequence of the backup is missing");
        }
        const auto found = connection.exec_for(
            "read sequence " + sequence.name, "SELECT last_value, is_called FROM " + sequence.name);
        if (found.integer(0, 0) != expected.value || found.boolean(0, 1) != expected.is_called) {
            return differs(fmt::format("sequence {} is at {}, the backup has {}", sequence.name,
                                       found.integer(0, 0), expected.value));
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

/// A constraint that is not valid although the dump says so of fewer ones. Inherited copies do
/// not count, and what is not enforced (PostgreSQL 18) is never validated.
std::optional<Cause> find_invalid_constraint(Connection& connection, const dump::Outline& outline) {
    const std::string enforced = connection.server_version() >= 180000 ? " AND conenforced" : "";
    const auto found = connection.exec(
        "SELECT conname FROM pg_catalog.pg_constraint WHERE NOT convalidated AND conislocal" +
        enforced);
    if (static_cast<std::uint64_t>(found.rows()) <= outline.not_valid) {
        return std::nullopt;
    }
    return differs(
        fmt::format("{} constraints are not validated ({} among them), the backup has {}",
                    found.rows(), found.string(0, 0), outline.not_valid));
}

/// Of pg_dump --inserts: one statement may hold any number of rows.
bool has_inserts(const dump::Outline& outline) {
    const auto found = outline.statements.find(dump::StatementKind::insert);
    return found != outline.statements.end() && found->second > 0;
}

std::optional<Cause> first_difference(Connection& connection, const dump::Outline& outline) {
    auto wrong = compare_rows(connection, outline);
    if (!wrong) {
        wrong = compare_sequences(connection, outline);
    }
    if (!wrong) {
        wrong = compare_extensions(connection, outline);
    }
    if (!wrong) {
        wrong = find_invalid_index(connection);
    }
    return wrong ? wrong : find_invalid_constraint(connection, outline);
}

} // namespace

Verification compare_with_dump(const Target& database, const dump::Outline& outline,
                               system::StopToken stop) {
    auto connection = open_table_reader(database, stop);
    speak_our_encoding(connection);
    Verification found;
    found.wrong = first_difference(connection, outline);
    if (!found.wrong) {
        const bool counted = outline.detailed && !has_inserts(outline);
        found.good.push_back(
            counted ? fmt::format("{} rows in {} tables, as in the backup", outline.rows,
                                  outline.copies.size())
                    : "extensions, indexes and constraints as in the backup; rows not counted");
    }
    return found;
}

} // namespace drctl::postgres
