// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"
#include "postgres/dump/statement.hpp"

#include <cstdint>
#include <string>

namespace drctl::postgres::restore {

/// `CREATE INDEX public.i`: what a statement is and what it is about, for messages. Bytes that are
/// not UTF-8 (the dump may be in another encoding) become `?`.
[[nodiscard]] std::string describe(const dump::Statement& statement);
[[nodiscard]] std::string describe(const std::string& verb, const std::string& object);

/// The same error as a failure of the restore: whatever the server found, some of the database has
/// been filled. Only interruptions and bugs stay what they are.
[[nodiscard]] Error as_failure(const Error& error);

/// What went wrong with the work on one line of the dump, as the caller sees it: `cannot restore
/// line 17 (CREATE INDEX public.i): …`. A failure as above.
[[nodiscard]] Error failure_at(const Error& error, std::uint64_t line, const std::string& what);

} // namespace drctl::postgres::restore
