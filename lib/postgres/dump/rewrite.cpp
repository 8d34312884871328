// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/rewrite.hpp"

#include "drctl/error.hpp"
#include "postgres/dump/cursor.hpp"
#include "postgres/dump/meta_command.hpp"
#include "postgres/dump/name.hpp"

#include <fmt/format.h>
#include <optional>
#include <utility>

namespace drctl::postgres::dump {
namespace {

std::string quote_literal(std::string_view value) {
    // E'…' means the same whatever standard_conforming_strings is.
    std::string quoted = value.find('\\') == std::string_view::npos ? "'" : " E'";
    for (const char c : value) {
        quoted += c;
        if (c == '\'' || c == '\\') {
            quoted += c;
        }
    }
    return quoted += '\'';
}

} // namespace

std::string database_named_in(const Statement& statement) {
    if (statement.kind == StatementKind::connect) {
        return parse_meta_command(statement.text, statement.line).argument;
    }
    Cursor cursor(statement.object, {});
    if (std::optional<std::string> literal = cursor.literal()) {
        return std::move(*literal);
    }
    return unquote_identifier(statement.object);
}

std::string rewrite_for(const Statement& statement, std::string_view database) {
    if (statement.kind != StatementKind::database_level || statement.object.empty()) {
        throw Error(ErrorCode::bug,
                    fmt::format("cannot rewrite line {}: a statement of kind {} names no database",
                                statement.line, name_of(statement.kind)));
    }
    Cursor cursor(statement.object, {});
    const bool literal = cursor.token().kind == Token::Kind::string;
    std::string name = literal ? quote_literal(database) : quote_identifier(database);
    std::string text = statement.text;
    // A quote that follows at once would be taken for a doubled one.
    const std::size_t behind = statement.object_at + statement.object.size();
    if (text.compare(behind, 1, "\"") == 0 || text.compare(behind, 1, "'") == 0) {
        name += ' ';
    }
    return text.replace(statement.object_at, statement.object.size(), name);
}

} // namespace drctl::postgres::dump
