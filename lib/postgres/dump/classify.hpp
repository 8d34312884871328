// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/lexer.hpp"
#include "postgres/dump/statement.hpp"

namespace drctl::postgres::dump {

/// Fills kind, verb, object and tables of a statement from its text.
void classify(Statement& statement, const Syntax& syntax);

} // namespace drctl::postgres::dump
