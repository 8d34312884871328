// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/cursor.hpp"

#include <algorithm>

namespace drctl::postgres::dump {
namespace {

bool same_word(std::string_view text, std::string_view word) {
    return text.size() == word.size() &&
           std::equal(text.begin(), text.end(), word.begin(), [](char left, char right) {
               return (left >= 'A' && left <= 'Z' ? left - 'A' + 'a' : left) == right;
           });
}

/// What lies between the quotes, each doubled one taken once; `escapes`: a backslash makes the
/// next byte stand for itself, which is all that pg_dump uses it for.
std::string unquote(std::string_view body, bool escapes) {
    std::string value;
    for (std::size_t i = 0; i < body.size(); ++i) {
        const bool skips = body[i] == '\'' || (escapes && body[i] == '\\');
        i += skips && i + 1 < body.size() ? 1 : 0;
        value += body[i];
    }
    return value;
}

} // namespace

Cursor::Cursor(std::string_view text, const Syntax& syntax)
    : text_(text), syntax_(syntax), input_(text), lexer_(input_, syntax), token_(lexer_.next()) {}

std::string_view Cursor::text() const {
    return text_.substr(token_.begin, token_.end - token_.begin);
}

void Cursor::step() {
    token_ = lexer_.next();
}

bool Cursor::at(std::string_view word) const {
    return token_.kind == Token::Kind::word && same_word(text(), word);
}

bool Cursor::accept(std::string_view word) {
    if (!at(word)) {
        return false;
    }
    step();
    return true;
}

bool Cursor::accept(std::initializer_list<std::string_view> words) {
    const Lexer lexer = lexer_;
    const Token token = token_;
    if (std::all_of(words.begin(), words.end(), [&](auto word) { return accept(word); })) {
        return true;
    }
    lexer_ = lexer;
    token_ = token;
    return false;
}

bool Cursor::at_symbol(char symbol) const {
    return token_.kind == Token::Kind::symbol && text_[token_.begin] == symbol;
}

bool Cursor::accept_symbol(char symbol) {
    if (!at_symbol(symbol)) {
        return false;
    }
    step();
    return true;
}

void Cursor::skip_parentheses() {
    if (!at_symbol('(')) {
        return;
    }
    unsigned depth = 0;
    do {
        depth += at_symbol('(') ? 1 : 0;
        depth -= at_symbol(')') ? 1 : 0;
        step();
    } while (depth > 0 && !done());
}

bool Cursor::skip_to(std::string_view word) {
    while (!done() && !at(word)) {
        if (at_symbol('(')) {
            skip_parentheses();
        } else {
            step();
        }
    }
    return !done();
}

std::string_view Cursor::name() {
    const std::size_t begin = token_.begin;
    std::size_t end = begin;
    while (token_.kind == Token::Kind::word || token_.kind == Token::Kind::quoted_name) {
        end = token_.end;
        step();
        if (!accept_symbol('.')) {
            break;
        }
    }
    return text_.substr(begin, end - begin);
}

void Cursor::skip_before_name() {
    // IF alone may be a name: pg_dump does not quote words that are not reserved.
    if (!accept({"if", "exists"})) {
        accept({"if", "not", "exists"});
    }
    accept("only");
}

std::optional<std::string> Cursor::literal() {
    if (token_.kind != Token::Kind::string) {
        return std::nullopt;
    }
    std::string_view body = text();
    const bool escapes = !syntax_.standard_strings || body.front() == 'E' || body.front() == 'e';
    if (body.front() == '$') {
        const std::size_t tag = body.find('$', 1) + 1;
        body = body.substr(tag, body.size() - 2 * tag);
        step();
        return std::string(body);
    }
    body.remove_prefix(body.find('\'') + 1);
    body.remove_suffix(1);
    step();
    return unquote(body, escapes);
}

} // namespace drctl::postgres::dump
