// SPDX-License-Identifier: Apache-2.0
#include "postgres/verify.hpp"

#include <fmt/core.h>

namespace drctl::postgres {
namespace {

void add_rows(std::vector<std::string>& words, const Result& rows, const char* what) {
    for (int row = 0; row < rows.rows(); ++row) {
        words.push_back(fmt::format("{}: {}", rows.string(row, 0), what));
    }
}

} // namespace

std::vector<std::string> find_invalid_objects(const Target& database, system::StopToken stop) {
    auto connection = Connection::open(database, {}, stop);
    std::vector<std::string> words;
    add_rows(words,
             connection.exec("SELECT pg_catalog.format('index %I.%I', n.nspname, c.relname) "
                             "FROM pg_catalog.pg_index i "
                             "JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
                             "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                             "WHERE NOT (i.indisvalid AND i.indisready) ORDER BY 1"),
             "invalid, no query uses it; it is being built, or its building has failed");
    // What is not enforced (PostgreSQL 18) is never validated.
    const std::string enforced = connection.server_version() >= 180000 ? " AND r.conenforced" : "";
    add_rows(words,
             connection.exec("SELECT pg_catalog.format('constraint %I of %I.%I', r.conname, "
                             "n.nspname, c.relname) "
                             "FROM pg_catalog.pg_constraint r "
                             "JOIN pg_catalog.pg_class c ON c.oid = r.conrelid "
                             "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                             "WHERE NOT r.convalidated" +
                             enforced + " ORDER BY 1"),
             "not validated, rows from before it was added may break it");
    return words;
}

} // namespace drctl::postgres
