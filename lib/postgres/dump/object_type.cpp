// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/object_type.hpp"

#include "postgres/dump/name.hpp"

#include <array>
#include <string_view>

namespace drctl::postgres::dump {
namespace {

/// What object types of several words there are (longest first where one begins another).
constexpr std::array<std::string_view, 16> long_types = {"materialized view",
                                                         "foreign data wrapper",
                                                         "foreign table",
                                                         "event trigger",
                                                         "text search configuration",
                                                         "text search dictionary",
                                                         "text search parser",
                                                         "text search template",
                                                         "access method",
                                                         "default privileges",
                                                         "large object",
                                                         "user mapping",
                                                         "operator class",
                                                         "operator family",
                                                         "constraint trigger",
                                                         "procedural language"};

bool accept_words(Cursor& cursor, std::string_view words) {
    const std::size_t space = words.find(' ');
    if (space == std::string_view::npos) {
        return cursor.accept(words);
    }
    const std::string_view rest = words.substr(space + 1);
    const std::size_t second = rest.find(' ');
    return second == std::string_view::npos
               ? cursor.accept({words.substr(0, space), rest})
               : cursor.accept(
                     {words.substr(0, space), rest.substr(0, second), rest.substr(second + 1)});
}

} // namespace

std::string object_type(Cursor& cursor) {
    for (const std::string_view type : long_types) {
        if (accept_words(cursor, type)) {
            return std::string(type);
        }
    }
    std::string type = lower(cursor.token().kind == Token::Kind::word ? cursor.text() : "");
    if (!type.empty()) {
        cursor.step();
    }
    return type;
}

} // namespace drctl::postgres::dump
