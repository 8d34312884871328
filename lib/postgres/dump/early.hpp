// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/lexer.hpp"
#include "postgres/dump/statement.hpp"

namespace drctl::postgres::dump {

/// True for the building of an index that needs the rows of its own table and nothing else of
/// the dump. An expression that calls a function of the dump's own may read other tables,
/// although it should not: such an index waits for its turn.
bool needs_only_its_table(const Statement& statement, const Syntax& syntax);

} // namespace drctl::postgres::dump
