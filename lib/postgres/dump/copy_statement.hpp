// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/lexer.hpp"
#include "postgres/dump/reader.hpp"

#include <optional>

namespace drctl::postgres::dump {

/// What `statement.text` copies where; nothing for a statement that is no COPY. Throws
/// Error(refused) for a COPY that is not FROM stdin in text format without options: where its
/// rows end could not be told, or it would read a file or run a program.
std::optional<CopyBegin> parse_copy(const Statement& statement, const Syntax& syntax);

} // namespace drctl::postgres::dump
