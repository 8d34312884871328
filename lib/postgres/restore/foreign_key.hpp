// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/connection.hpp"
#include "postgres/dump/statement.hpp"

#include <optional>
#include <string>

namespace drctl::postgres::restore {

/// `ALTER TABLE … ADD CONSTRAINT … FOREIGN KEY …` so that it does not look at the rows, or nothing
/// where it does not do so as it stands. Only for a plain table that references a plain
/// table: elsewhere the server does not allow it or leaves other marks in its catalogue.
[[nodiscard]] std::optional<std::string> without_validation(const dump::Statement& foreign_key);

/// Looks at the rows: afterwards the constraint is what the dump's own statement makes of it.
/// Takes weaker locks than that: other sessions may check other tables against the referenced one.
void validate(Connection& connection, const std::string& purpose,
              const dump::Statement& foreign_key);

} // namespace drctl::postgres::restore
