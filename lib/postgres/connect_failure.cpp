// SPDX-License-Identifier: Apache-2.0
#include "postgres/connect_failure.hpp"

#include "postgres/sqlstate.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <optional>
#include <system_error>

namespace drctl::postgres {
namespace {

using Kind = ConnectFailure::Kind;

struct KindRow {
    Kind kind;
    std::string_view name;
    ErrorCode code;
    std::string_view hint;
};

constexpr std::string_view start_it = "start the server, or check host, port and socket directory "
                                      "of the connection";
constexpr std::string_view check_network = "check the network between this host and the server";

constexpr std::array kinds{
    KindRow{Kind::sql, "sql", ErrorCode::unreachable, ""},
    KindRow{Kind::refused, "refused", ErrorCode::unreachable, start_it},
    KindRow{Kind::forbidden, "forbidden", ErrorCode::refused,
            "run this as root or as the server's operating-system user"},
    KindRow{Kind::authentication, "authentication", ErrorCode::refused,
            "configure the password, or a line in pg_hba.conf that needs none"},
    KindRow{Kind::unresolved, "unresolved", ErrorCode::unreachable,
            "check the host name of the connection and this host's name service"},
    KindRow{Kind::unreachable, "unreachable", ErrorCode::unreachable, check_network},
    KindRow{Kind::unresponsive, "unresponsive", ErrorCode::unreachable,
            "look at the server's load and log: it holds the connection without answering"},
    KindRow{Kind::closed, "closed", ErrorCode::unreachable, "look at the server's log"},
    KindRow{Kind::other, "other", ErrorCode::unreachable, ""},
};

const KindRow& row_of(Kind kind) noexcept {
    return *std::find_if(kinds.begin(), kinds.end(),
                         [kind](const KindRow& row) { return row.kind == kind; });
}

std::string_view line_at(std::string_view text, std::size_t at) {
    const auto begin = text.rfind('\n', at);
    const auto end = text.find('\n', at);
    text = text.substr(0, end);
    return begin == std::string_view::npos ? text : text.substr(begin + 1);
}

/// Where `:  57P03: ` starts: two blanks, five letters of a SQLSTATE, the primary message.
std::optional<std::size_t> find_sqlstate(std::string_view text) {
    for (auto at = text.find(":  "); at != std::string_view::npos; at = text.find(":  ", at + 1)) {
        const auto code = text.substr(at + 3, 5);
        const bool is_code = code.size() == 5 && text.substr(at + 8, 2) == ": " &&
                             std::all_of(code.begin(), code.end(), [](unsigned char c) {
                                 return std::isdigit(c) != 0 || std::isupper(c) != 0;
                             });
        if (is_code) {
            return at;
        }
    }
    return std::nullopt;
}

std::optional<ConnectFailure> sql_failure(std::string_view text) {
    const auto at = find_sqlstate(text);
    if (!at) {
        return std::nullopt;
    }
    const std::string sqlstate(text.substr(*at + 3, 5));
    auto severity = text.substr(0, *at);
    severity.remove_prefix(severity.find_last_of(" \n") + 1);
    std::string primary(line_at(text, *at + 10));
    primary.erase(0, primary.find(sqlstate) + sqlstate.size() + 2);
    // Before the first statement there is no row to quote, but a login trigger may raise anything.
    if (sqlstate.starts_with("P0") || sqlstate.starts_with("38") || sqlstate.starts_with("39")) {
        primary = condition_name(sqlstate);
    }
    return ConnectFailure{Kind::sql, sqlstate, fmt::format("{}: {}", severity, primary)};
}

struct Sign {
    Kind kind;
    std::string text;
};

/// What libpq and the C library say, most telling first: of several addresses of a host, one
/// where nothing listens tells more than one without a route.
std::vector<Sign> signs() {
    const auto words = [](int error) { return std::system_category().message(error); };
    return {
        {Kind::authentication, "no password supplied"},
        {Kind::authentication, "SCRAM"},
        {Kind::authentication, "authentication method"},
        {Kind::authentication, "certificate"},
        {Kind::authentication, "SSL was required"},
        {Kind::authentication, "SSL error"},
        {Kind::refused, words(ECONNREFUSED)},
        {Kind::refused, words(ENOENT)},
        {Kind::forbidden, words(EACCES)},
        {Kind::closed, "server closed the connection unexpectedly"},
        {Kind::closed, words(ECONNRESET)},
        {Kind::closed, words(EPIPE)},
        {Kind::unreachable, words(EHOSTUNREACH)},
        {Kind::unreachable, words(ENETUNREACH)},
        {Kind::unreachable, words(ENETDOWN)},
        {Kind::unreachable, words(EHOSTDOWN)},
        {Kind::unreachable, words(ETIMEDOUT)},
        {Kind::unresolved, "could not translate host name"},
        {Kind::unresolved, "could not parse network address"},
    };
}

} // namespace

std::string_view ConnectFailure::kind_name() const noexcept {
    return row_of(kind).name;
}

ConnectFailure explain_connect_failure(std::string_view libpq_message) {
    if (auto failure = sql_failure(libpq_message)) {
        return *failure;
    }
    for (const auto& sign : signs()) {
        if (const auto at = libpq_message.find(sign.text); at != std::string_view::npos) {
            return {sign.kind, "", std::string(line_at(libpq_message, at))};
        }
    }
    return {Kind::other, "", std::string(line_at(libpq_message, 0))};
}

Error connect_error(const ConnectFailure& failure, std::string_view where) {
    const auto& row = row_of(failure.kind);
    const bool sql = failure.kind == Kind::sql;
    const auto code = sql ? error_code_of(failure.sqlstate) : row.code;
    const auto hint = sql ? hint_for(failure.sqlstate) : row.hint;
    Error error(code, fmt::format("cannot connect to {}: {}", where, failure.words),
                std::string(hint));
    error.add_context("connection", std::string(row.name));
    if (sql) {
        error.add_context("sqlstate", failure.sqlstate);
    }
    error.add_context("server_says", failure.words);
    return error;
}

std::optional<ConnectFailure::Kind> connect_failure_kind(const Error& error) {
    const auto name = error.context_value("connection");
    const auto row = std::find_if(kinds.begin(), kinds.end(),
                                  [&name](const KindRow& each) { return each.name == name; });
    return row == kinds.end() ? std::nullopt : std::optional(row->kind);
}

} // namespace drctl::postgres
