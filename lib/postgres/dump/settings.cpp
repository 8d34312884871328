// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/settings.hpp"

#include "postgres/dump/cursor.hpp"
#include "postgres/dump/name.hpp"

namespace drctl::postgres::dump {
namespace {

std::string value_here(Cursor& cursor) {
    return cursor.token().kind == Token::Kind::string ? *cursor.literal()
                                                      : std::string(cursor.text());
}

/// As the server reads a boolean; what it would refuse counts as true, its default.
bool is_true(const std::string& written) {
    const std::string value = lower(written);
    return value != "off" && value != "false" && value != "no" && value != "0" && value != "f" &&
           value != "n" && value != "of";
}

} // namespace

std::optional<std::string> value_of_setting(const Statement& statement, const Syntax& syntax) {
    Cursor cursor(statement.text, syntax);
    if (cursor.accept("select")) {
        while (!cursor.done() && !cursor.accept_symbol(',')) {
            cursor.step();
        }
        return cursor.literal();
    }
    if (!cursor.accept("set")) {
        return std::nullopt;
    }
    if (!cursor.accept("session")) {
        cursor.accept("local");
    }
    if (cursor.accept("names") || cursor.accept("authorization") || cursor.accept("role") ||
        cursor.accept({"time", "zone"})) {
        return cursor.at("default") ? std::nullopt : std::optional(value_here(cursor));
    }
    cursor.name();
    if (!cursor.accept_symbol('=')) {
        cursor.accept("to");
    }
    return cursor.at("default") ? std::nullopt : std::optional(value_here(cursor));
}

void Session::apply(const Statement& setting) {
    const std::string& parameter = setting.object;
    if (parameter != "standard_conforming_strings" && parameter != "client_encoding" &&
        parameter != "all") {
        return;
    }
    const std::optional<std::string> value = value_of_setting(setting, syntax_);
    if (parameter != "client_encoding") {
        syntax_.standard_strings = is_true(value.value_or("on"));
    }
    if (parameter != "standard_conforming_strings") {
        encoding_ = value.value_or("");
        syntax_.charset = Charset(encoding_);
    }
}

} // namespace drctl::postgres::dump
