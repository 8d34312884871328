// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/statement_end.hpp"

#include "postgres/dump/name.hpp"

#include <string>
#include <string_view>

namespace drctl::postgres::dump {
namespace {

/// Semicolons inside of BEGIN … END end no statement, if the statement creates a routine. A full
/// parser would be needed to know; like psql, this only looks at its first words.
class Blocks {
  public:
    [[nodiscard]] bool open() const noexcept { return depth_ > 0; }

    /// A key word or unquoted name outside of parentheses, or (only counted) inside of them.
    void see(std::string_view text, bool in_parentheses) {
        if (start_ == Start::other) {
            return;
        }
        const std::string word = lower(text);
        if (start_ != Start::routine) {
            start_ = after(word);
        } else if (in_parentheses) {
            return;
        } else if (word == "begin") {
            ++depth_;
        } else if (word == "case" && depth_ > 0) { // it has an END of its own
            ++depth_;
        } else if (word == "end" && depth_ > 0) {
            --depth_;
        }
    }

  private:
    /// How far CREATE [OR REPLACE] {FUNCTION | PROCEDURE} has been seen.
    enum class Start { nothing, create, create_or, create_or_replace, routine, other };

    [[nodiscard]] Start after(const std::string& word) const {
        const bool routine = word == "function" || word == "procedure";
        switch (start_) {
        case Start::nothing:
            return word == "create" ? Start::create : Start::other;
        case Start::create:
            return routine ? Start::routine : word == "or" ? Start::create_or : Start::other;
        case Start::create_or:
            return word == "replace" ? Start::create_or_replace : Start::other;
        case Start::create_or_replace:
            return routine ? Start::routine : Start::other;
        case Start::routine:
        case Start::other:
            break;
        }
        return start_;
    }

    Start start_ = Start::nothing;
    unsigned depth_ = 0;
};

} // namespace

StatementEnd find_statement_end(Input& input, const Syntax& syntax) {
    Lexer lexer(input, syntax);
    Blocks blocks;
    unsigned parentheses = 0;
    for (;;) {
        const Token token = lexer.next();
        switch (token.kind) {
        case Token::Kind::word:
            blocks.see(input.slice(token.begin, token.end), parentheses > 0);
            break;
        case Token::Kind::symbol: {
            const int symbol = input.at(token.begin);
            parentheses += symbol == '(' ? 1 : 0;
            parentheses -= symbol == ')' && parentheses > 0 ? 1 : 0;
            if (symbol == ';' && parentheses == 0 && !blocks.open()) {
                return {StatementEnd::How::semicolon, token.end};
            }
            break;
        }
        case Token::Kind::backslash:
            return {StatementEnd::How::backslash, token.begin};
        case Token::Kind::torn:
            return {StatementEnd::How::torn, token.begin};
        case Token::Kind::end:
            return {StatementEnd::How::input_end, token.begin};
        case Token::Kind::quoted_name:
        case Token::Kind::string:
        case Token::Kind::number:
            break;
        }
    }
}

} // namespace drctl::postgres::dump
