// SPDX-License-Identifier: Apache-2.0
#include "postgres/connecting.hpp"

#include "postgres/connect_failure.hpp"
#include "postgres/socket_wait.hpp"
#include "system/users.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <poll.h>
#include <unistd.h>

namespace drctl::postgres {
namespace {

using system::Duration;

/// A value as the server's parser of the `options` keyword wants it.
std::string escape_option(std::string_view value) {
    std::string result;
    for (const char c : value) {
        if (c == ' ' || c == '\\') {
            result += '\\';
        }
        result += c;
    }
    return result;
}

std::string session_options(const Session& session) {
    // As start-up options they hold from the first moment and win over ALTER ROLE/DATABASE SET.
    auto options = fmt::format(
        "-c synchronous_commit=local -c default_transaction_read_only=off "
        "-c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout={}",
        session.statement_timeout.count(), session.lock_timeout.count(),
        session.idle_in_transaction_timeout.count());
    if (session.own_role) {
        options += " -c role=none";
    }
    if (session.search_path) {
        options += " -c search_path=" + escape_option(*session.search_path);
    }
    if (session.ignore_system_indexes) {
        options += " -c ignore_system_indexes=on";
    }
    return options;
}

bool has(const Keywords& keywords, std::string_view key) {
    return std::any_of(keywords.begin(), keywords.end(),
                       [key](const auto& pair) { return pair.first == key; });
}

void set(Keywords& keywords, const std::string& key, const std::string& value) {
    std::erase_if(keywords, [&key](const auto& pair) { return pair.first == key; });
    keywords.emplace_back(key, value);
}

void set_if_missing(Keywords& keywords, const std::string& key, const std::string& value) {
    if (!value.empty() && !has(keywords, key)) {
        keywords.emplace_back(key, value);
    }
}

/// Everything but the password.
Keywords keywords_for(const Target& target, const Session& session) {
    auto keywords = parse_conninfo(target.conninfo);
    auto options = session_options(session);
    for (const auto& [key, value] : keywords) {
        if (key == "options") {
            options.insert(0, value + ' ');
        }
    }
    set(keywords, "options", options);
    set(keywords, "dbname", target.dbname);
    set(keywords, "application_name", "drctl");
    set(keywords, "client_encoding", "UTF8");
    set_if_missing(keywords, "user", target.os_user);
    // A peer that vanished is noticed within a minute; also bounds PQcancel, which blocks.
    set_if_missing(keywords, "keepalives_idle", "20");
    set_if_missing(keywords, "keepalives_interval", "10");
    set_if_missing(keywords, "keepalives_count", "4");
    set_if_missing(keywords, "tcp_user_timeout", "60000");
    return keywords;
}

PgConn start_connecting(const Target& target, const Session& session) {
    const auto keywords = keywords_for(target, session);
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (const auto& [name, value] : keywords) {
        names.push_back(name.c_str());
        values.push_back(value.c_str());
    }
    if (!target.password.empty()) {
        names.push_back("password");
        values.push_back(target.password.reveal().c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    PgConn conn(PQconnectStartParams(names.data(), values.data(), 0));
    if (conn == nullptr) {
        throw Error(ErrorCode::failed, "cannot connect: out of memory");
    }
    // Only VERBOSE tells the SQLSTATE of a refused connection.
    PQsetErrorVerbosity(conn.get(), PQERRORS_VERBOSE);
    // Notices may quote rows, and nobody reads them here.
    PQsetNoticeReceiver(
        conn.get(), [](void*, const PGresult*) {}, nullptr);
    return conn;
}

std::string describe(const Target& target) {
    const auto endpoints = endpoints_of(target.conninfo);
    return fmt::format("database '{}' at {}{}", target.dbname, endpoints.front().text(),
                       endpoints.size() > 1 ? ", …" : "");
}

[[noreturn]] void throw_connect_timeout(PGconn* conn, const Target& target, Duration timeout) {
    const auto status = PQstatus(conn);
    const bool no_answer_at_all = status == CONNECTION_STARTED || status == CONNECTION_NEEDED;
    ConnectFailure failure;
    failure.kind =
        no_answer_at_all ? ConnectFailure::Kind::unreachable : ConnectFailure::Kind::unresponsive;
    failure.words = fmt::format("no answer within {} ms", timeout.count());
    throw connect_error(failure, describe(target));
}

void finish_connecting(PGconn* conn, const Target& target, Duration timeout,
                       system::StopToken stop) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    auto polling = PGRES_POLLING_WRITING;
    while (PQstatus(conn) != CONNECTION_BAD && polling != PGRES_POLLING_OK) {
        if (polling == PGRES_POLLING_FAILED) {
            break;
        }
        const short events = polling == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (wait_for_socket(PQsocket(conn), events, stop, deadline) == 0) {
            throw_connect_timeout(conn, target, timeout);
        }
        polling = PQconnectPoll(conn);
    }
    if (PQstatus(conn) != CONNECTION_OK) {
        auto failure = explain_connect_failure(PQerrorMessage(conn));
        if (PQconnectionNeedsPassword(conn) == 1) {
            failure.kind = ConnectFailure::Kind::authentication;
        }
        throw connect_error(failure, describe(target));
    }
}

/// Peer authentication sees the account of the thread that calls connect(2). Over TCP the
/// switch would only hide our own certificates and password file from libpq.
std::optional<system::User> account_for(const Target& target) {
    const auto endpoints = endpoints_of(target.conninfo);
    const bool socket = std::any_of(endpoints.begin(), endpoints.end(),
                                    [](const Endpoint& each) { return each.is_socket(); });
    if (!socket || target.os_user.empty()) {
        return std::nullopt;
    }
    auto user = system::find_user(target.os_user);
    if (!user) {
        throw Error(ErrorCode::usage,
                    fmt::format("cannot connect as '{}': no such account on "
                                "this host",
                                target.os_user),
                    "set os_user of the database to the account that runs the server");
    }
    return user;
}

bool can_become(const system::User& account) {
    return system::running_as_root() || account.uid == ::geteuid();
}

} // namespace

bool is_outsider(const Target& target) {
    const auto account = account_for(target);
    return account && !can_become(*account);
}

PgConn connect(const Target& target, const Session& session, system::StopToken stop) {
    stop.throw_if_requested();
    std::optional<system::ActAs> acting;
    // Who cannot become the account goes as it is: the server may want a password, or nothing.
    if (const auto account = account_for(target); account && can_become(*account)) {
        acting.emplace(*account);
    }
    auto conn = start_connecting(target, session);
    finish_connecting(conn.get(), target, session.connect_timeout, stop);
    return conn;
}

} // namespace drctl::postgres
