// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace drctl::postgres {

/// Why a connection did not come about. libpq tells it in words only; this takes them apart.
struct ConnectFailure {
    enum class Kind {
        sql,            ///< the server answered with an error: see `sqlstate`
        refused,        ///< nothing listens there
        forbidden,      ///< the socket may not be opened by us
        authentication, ///< failed on our side: no password given, no certificate
        unresolved,     ///< the host name has no address
        unreachable,    ///< no route, network down, no answer to the first packet
        unresponsive,   ///< connected, but the server did not answer in time
        closed,         ///< the server ended the connection without a word
        other,
    } kind = Kind::other;
    std::string sqlstate; ///< for Kind::sql
    std::string words;    ///< one line, without row data

    [[nodiscard]] std::string_view kind_name() const noexcept;
};

/// Takes apart what PQerrorMessage says of a failed attempt, errors being reported VERBOSE.
[[nodiscard]] ConnectFailure explain_connect_failure(std::string_view libpq_message);

/// The error to throw. Context: `connection` (the kind's name), `server_says`, `sqlstate`.
[[nodiscard]] Error connect_error(const ConnectFailure& failure, std::string_view where);

/// The kind that connect_error() put into an error's context; nothing for other errors.
[[nodiscard]] std::optional<ConnectFailure::Kind> connect_failure_kind(const Error& error);

} // namespace drctl::postgres
