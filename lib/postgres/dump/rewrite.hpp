// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/statement.hpp"

#include <string>
#include <string_view>

namespace drctl::postgres::dump {

/// A `database_level` statement with the database it names replaced by `database` (unquoted, at
/// most 63 bytes; quoted here). Nothing else in the text changes.
///
/// CREATE, ALTER, DROP, COMMENT ON and SECURITY LABEL … ON DATABASE, GRANT/REVOKE … ON DATABASE,
/// ALTER ROLE … IN DATABASE, and the UPDATE of pg_database that `--clean --create` writes for a
/// template. Throws Error(bug) for a statement of another kind.
std::string rewrite_for(const Statement& statement, std::string_view database);

/// The database a `database_level` or `connect` statement names, unquoted.
std::string database_named_in(const Statement& statement);

} // namespace drctl::postgres::dump
