// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/name.hpp"

#include "postgres/dump/lexer.hpp"

namespace drctl::postgres::dump {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return result;
}

std::string unquote_identifier(std::string_view written) {
    if (written.size() < 2 || written.front() != '"') {
        return lower(written);
    }
    std::string result;
    for (std::size_t i = 1; i + 1 < written.size(); ++i) {
        result += written[i];
        i += written[i] == '"' ? 1 : 0;
    }
    return result;
}

std::optional<Name> parse_name(std::string_view written) {
    Input input(written);
    Lexer lexer(input, {});
    const auto part = [&]() -> std::optional<std::string> {
        const Token token = lexer.next();
        const std::string_view text = token.kind == Token::Kind::end
                                          ? ""
                                          : written.substr(token.begin, token.end - token.begin);
        const bool unicode = token.kind == Token::Kind::quoted_name && text.front() != '"';
        if ((token.kind != Token::Kind::word && token.kind != Token::Kind::quoted_name) ||
            unicode) {
            return std::nullopt;
        }
        return unquote_identifier(text);
    };
    std::optional<std::string> first = part();
    if (!first) {
        return std::nullopt;
    }
    Token token = lexer.next();
    if (token.kind == Token::Kind::end) {
        return Name{"", std::move(*first)};
    }
    if (written.substr(token.begin, token.end - token.begin) != ".") {
        return std::nullopt;
    }
    std::optional<std::string> second = part();
    if (!second || lexer.next().kind != Token::Kind::end) {
        return std::nullopt;
    }
    return Name{std::move(*first), std::move(*second)};
}

std::string quote_identifier(std::string_view name) {
    std::string quoted = "\"";
    for (const char c : name) {
        quoted += c;
        if (c == '"') {
            quoted += '"';
        }
    }
    return quoted += '"';
}

} // namespace drctl::postgres::dump
