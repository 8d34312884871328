// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/charset.hpp"
#include "postgres/dump/input.hpp"

#include <cstddef>
#include <string_view>

namespace drctl::postgres::dump {

/// What decides how SQL is read. It changes in mid-dump, by SET.
struct Syntax {
    bool standard_strings = true; ///< standard_conforming_strings: no escapes in '…'
    Charset charset;
};

struct Token {
    enum class Kind {
        word,        ///< key word or unquoted name
        quoted_name, ///< "…" or U&"…"
        string, ///< '…', E'…', U&'…', B'…', X'…', $tag$…$tag$, with its continuations
        number,
        symbol,    ///< one character of anything else
        backslash, ///< outside of quotes: psql would take a meta-command from here
        torn,      ///< a quote or comment that the input ends in
        end,
    };
    Kind kind = Kind::end;
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Splits SQL into tokens as psql does. Source: PostgreSQL's src/fe_utils/psqlscan.l; where psql
/// and the server could differ (variables, `\;`), nothing that pg_dump writes is concerned.
class Lexer {
  public:
    /// Borrows `input`; begins at its offset `at`.
    Lexer(Input& input, Syntax syntax, std::size_t at = 0)
        : input_(&input), syntax_(syntax), at_(at) {}

    /// The next token behind white space and comments.
    Token next();

    /// Steps over the comment `/* … */` (they nest) at the current place; false if it is torn.
    bool skip_block_comment();
    [[nodiscard]] std::size_t offset() const noexcept { return at_; }

  private:
    enum class Escapes { none, backslash };

    bool skip_blanks();
    void skip_line_comment();
    void skip_character();
    Token word(std::size_t begin);
    Token number(std::size_t begin);
    Token string(std::size_t begin, Escapes escapes);
    Token quoted_name(std::size_t begin);
    Token dollar(std::size_t begin);
    bool skip_quoted(char quote, Escapes escapes);
    bool skip_to_continuation();
    [[nodiscard]] bool follows(std::size_t offset, std::string_view text);
    [[nodiscard]] Token token(Token::Kind kind, std::size_t begin) const {
        return {kind, begin, at_};
    }

    Input* input_;
    Syntax syntax_;
    std::size_t at_;
};

} // namespace drctl::postgres::dump
