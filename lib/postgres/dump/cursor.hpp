// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/lexer.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drctl::postgres::dump {

/// Walks over the tokens of one whole statement. Every `accept` steps over what it names if that
/// is what comes next, and says whether it was.
class Cursor {
  public:
    /// Borrows `text`.
    Cursor(std::string_view text, const Syntax& syntax);

    [[nodiscard]] bool done() const noexcept { return token_.kind == Token::Kind::end; }
    [[nodiscard]] const Token& token() const noexcept { return token_; }
    [[nodiscard]] std::string_view text() const;
    void step();

    /// Key words are given in lower case.
    [[nodiscard]] bool at(std::string_view word) const;
    bool accept(std::string_view word);
    bool accept(std::initializer_list<std::string_view> words); ///< all of them, in this order
    [[nodiscard]] bool at_symbol(char symbol) const;
    bool accept_symbol(char symbol);

    /// To the next `word` outside of parentheses; false (and at the end) if there is none.
    bool skip_to(std::string_view word);
    /// Over a parenthesised list, if one is next.
    void skip_parentheses();

    /// A name as written, with its dots, or nothing if none is next.
    std::string_view name();
    /// Over IF [NOT] EXISTS and ONLY, which stand before names.
    void skip_before_name();
    /// The value of a string literal, or nothing if none is next.
    std::optional<std::string> literal();

  private:
    std::string_view text_;
    Syntax syntax_;
    Input input_;
    Lexer lexer_;
    Token token_;
};

} // namespace drctl::postgres::dump
