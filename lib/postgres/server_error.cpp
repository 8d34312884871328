// SPDX-License-Identifier: Apache-2.0
#include "postgres/server_error.hpp"

#include "postgres/printable.hpp"
#include "postgres/sqlstate.hpp"

#include <fmt/core.h>

#include <string>

namespace drctl::postgres {
namespace {

const char* field(const PGresult& result, char code) {
    return PQresultErrorField(&result, code);
}

std::string field_or_empty(const PGresult& result, char code) {
    const char* value = field(result, code);
    return value == nullptr ? "" : printable(value);
}

/// `schema.table.constraint`, as far as the server names them.
std::string object_of(const PGresult& result) {
    std::string object;
    for (const char code : {PG_DIAG_SCHEMA_NAME, PG_DIAG_TABLE_NAME, PG_DIAG_DATATYPE_NAME,
                            PG_DIAG_COLUMN_NAME, PG_DIAG_CONSTRAINT_NAME}) {
        if (const char* part = field(result, code); part != nullptr && *part != '\0') {
            object += (object.empty() ? "" : ".") + printable(part);
        }
    }
    return object;
}

/// The row of `COPY t, line 17, column c: "…"`: the one part of CONTEXT that is no row data.
std::string copy_line_of(const PGresult& result) {
    const auto context = field_or_empty(result, PG_DIAG_CONTEXT);
    constexpr std::string_view mark = ", line ";
    const auto at = context.find(mark);
    if (!context.starts_with("COPY ") || at == std::string::npos) {
        return {};
    }
    const auto begin = at + mark.size();
    return context.substr(begin, context.find_first_not_of("0123456789", begin) - begin);
}

} // namespace

Error error_of(std::string_view purpose, const PGresult& result, bool stopped) {
    const auto sqlstate = field_or_empty(result, PG_DIAG_SQLSTATE);
    const auto severity = field_or_empty(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const auto says = message_is_free_of_data(sqlstate)
                          ? field_or_empty(result, PG_DIAG_MESSAGE_PRIMARY)
                          : std::string(condition_name(sqlstate));
    const auto object = object_of(result);
    Error error(stopped && sqlstate == "57014" ? ErrorCode::interrupted : error_code_of(sqlstate),
                fmt::format("cannot {}: {}{} (SQLSTATE {})", purpose, says,
                            object.empty() ? "" : fmt::format(" at {}", object), sqlstate),
                std::string(hint_for(sqlstate)));
    error.add_context("sqlstate", sqlstate);
    error.add_context("severity", severity);
    error.add_context("server_says", fmt::format("{}: {}", severity, says));
    if (!object.empty()) {
        error.add_context("object", object);
    }
    if (const auto position = field_or_empty(result, PG_DIAG_STATEMENT_POSITION);
        !position.empty()) {
        error.add_context("position", position);
    }
    if (const auto line = copy_line_of(result); !line.empty()) {
        error.add_context("copy_line", line);
    }
    return error;
}

} // namespace drctl::postgres
