// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/input.hpp"
#include "postgres/dump/lexer.hpp"

#include <cstddef>

namespace drctl::postgres::dump {

struct StatementEnd {
    enum class How {
        semicolon, ///< whole; `size` is behind the semicolon
        backslash, ///< a meta-command begins at `size`
        torn,      ///< the input ends in a quote or comment
        input_end, ///< the input ends before the semicolon
    } how;
    std::size_t size;
};

/// Finds where the statement at the beginning of `input` ends for psql: at the first semicolon
/// outside of quotes, comments, parentheses and bodies of BEGIN ATOMIC … END.
StatementEnd find_statement_end(Input& input, const Syntax& syntax);

} // namespace drctl::postgres::dump
