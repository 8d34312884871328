// SPDX-License-Identifier: Apache-2.0
#include "postgres/connection.hpp"

#include "postgres/connect_failure.hpp"
#include "postgres/sqlstate.hpp"
#include "system/users.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <poll.h>

namespace drctl::postgres {
namespace {

using system::Duration;
using system::SteadyTime;

/// How much longer than the server we wait for its statement_timeout to act.
constexpr Duration grace{5'000};
/// How long a cancelled statement may take to end before we give the session up.
constexpr Duration cancel_patience{5'000};

SteadyTime now() {
    return std::chrono::steady_clock::now();
}

/// poll(2) on a socket and a stop token. Returns the socket's events, 0 when the time is over.
short poll_socket(int socket, short events, system::StopToken stop,
                  std::optional<SteadyTime> deadline) {
    std::array<pollfd, 2> watch{pollfd{socket, events, 0}, pollfd{stop.wait_fd(), POLLIN, 0}};
    while (true) {
        stop.throw_if_requested();
        const int timeout = deadline ? system::poll_timeout(now(), *deadline) : -1;
        if (::poll(watch.data(), watch.size(), timeout) > 0 && watch[0].revents != 0) {
            return watch[0].revents;
        }
        if (deadline && now() >= *deadline) {
            return 0;
        }
    }
}

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
    if (session.search_path) {
        options += " -c search_path=" + escape_option(*session.search_path);
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
    const auto deadline = now() + timeout;
    auto polling = PGRES_POLLING_WRITING;
    while (PQstatus(conn) != CONNECTION_BAD && polling != PGRES_POLLING_OK) {
        if (polling == PGRES_POLLING_FAILED) {
            break;
        }
        const short events = polling == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (poll_socket(PQsocket(conn), events, stop, deadline) == 0) {
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

const char* field(const PGresult& result, char code) {
    return PQresultErrorField(&result, code);
}

std::string field_or_empty(const PGresult& result, char code) {
    const char* value = field(result, code);
    return value == nullptr ? "" : value;
}

/// `schema.table.constraint`, as far as the server names them.
std::string object_of(const PGresult& result) {
    std::string object;
    for (const char code : {PG_DIAG_SCHEMA_NAME, PG_DIAG_TABLE_NAME, PG_DIAG_DATATYPE_NAME,
                            PG_DIAG_COLUMN_NAME, PG_DIAG_CONSTRAINT_NAME}) {
        if (const char* part = field(result, code); part != nullptr && *part != '\0') {
            object += object.empty() ? part : std::string(".") + part;
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

Connection Connection::open(const Target& target, const Session& session, system::StopToken stop) {
    stop.throw_if_requested();
    std::optional<system::ActAs> acting;
    if (const auto account = account_for(target)) {
        acting.emplace(*account);
    }
    auto conn = start_connecting(target, session);
    finish_connecting(conn.get(), target, session.connect_timeout, stop);
    if (PQsetnonblocking(conn.get(), 1) != 0) {
        throw Error(ErrorCode::failed, "cannot make a connection non-blocking");
    }
    return {std::move(conn), target, session, stop};
}

Connection::Connection(PgConn conn, const Target& target, const Session& session,
                       system::StopToken stop)
    : conn_(std::move(conn)), target_(target), session_(session), stop_(stop) {}

Connection Connection::another(const std::string& dbname) const {
    return open(target_.with_dbname(dbname), session_, stop_);
}

Result Connection::exec(const std::string& sql, const Parameters& parameters) {
    return exec_for(fmt::format("run a query in database '{}'", target_.dbname), sql, parameters);
}

Result Connection::exec_for(std::string_view purpose, const std::string& sql,
                            const Parameters& parameters) {
    const auto deadline = statement_deadline();
    send(purpose, sql, parameters);
    flush(purpose, deadline);
    return Result(last_result(purpose, deadline));
}

std::uint64_t Connection::copy_out(std::string_view purpose, const std::string& sql,
                                   const std::function<void(std::string_view)>& sink) {
    const auto deadline = statement_deadline();
    send(purpose, sql, {});
    flush(purpose, deadline);
    const auto first = next_result(purpose, deadline);
    if (first != nullptr && PQresultStatus(first.get()) == PGRES_FATAL_ERROR) {
        auto error = error_of(purpose, *first);
        last_result(purpose, deadline);
        throw error;
    }
    if (first == nullptr || PQresultStatus(first.get()) != PGRES_COPY_OUT) {
        throw Error(ErrorCode::bug, fmt::format("cannot {}: not a COPY TO STDOUT", purpose));
    }
    std::uint64_t bytes = 0;
    while (true) {
        char* raw = nullptr;
        const int length = PQgetCopyData(conn_.get(), &raw, 1);
        const std::unique_ptr<char, system::Deleter<PQfreemem>> row(raw);
        if (length > 0) {
            bytes += static_cast<std::uint64_t>(length);
            if (sink) {
                sink({raw, static_cast<std::size_t>(length)});
            }
        } else if (length == 0) {
            wait(purpose, POLLIN, deadline);
            consume(purpose);
        } else {
            break; // the end, or an error that the next result tells
        }
    }
    last_result(purpose, deadline);
    return bytes;
}

void Connection::set_statement_timeout(Duration timeout) {
    exec(fmt::format("SET statement_timeout = {}", timeout.count()));
    session_.statement_timeout = timeout;
}

std::string Connection::identifier(std::string_view name) const {
    const std::unique_ptr<char, system::Deleter<PQfreemem>> quoted(
        PQescapeIdentifier(conn_.get(), name.data(), name.size()));
    if (quoted == nullptr) {
        throw Error(ErrorCode::failed, fmt::format("cannot quote the name '{}'", name));
    }
    return quoted.get();
}

std::string Connection::literal(std::string_view value) const {
    const std::unique_ptr<char, system::Deleter<PQfreemem>> quoted(
        PQescapeLiteral(conn_.get(), value.data(), value.size()));
    if (quoted == nullptr) {
        throw Error(ErrorCode::failed, "cannot quote a value");
    }
    return quoted.get();
}

std::string Connection::parameter(const char* name) const {
    const char* value = PQparameterStatus(conn_.get(), name);
    return value == nullptr ? "" : value;
}

bool Connection::in_transaction() const noexcept {
    return PQtransactionStatus(conn_.get()) != PQTRANS_IDLE;
}

bool Connection::usable() const noexcept {
    return PQstatus(conn_.get()) == CONNECTION_OK;
}

Connection::Deadline Connection::statement_deadline() const {
    if (session_.statement_timeout.count() == 0) {
        return std::nullopt;
    }
    return now() + session_.statement_timeout + grace;
}

void Connection::send(std::string_view purpose, const std::string& sql,
                      const Parameters& parameters) {
    stop_.throw_if_requested();
    int sent = 0;
    if (parameters.empty()) {
        sent = PQsendQuery(conn_.get(), sql.c_str());
    } else {
        std::vector<const char*> values;
        for (const auto& value : parameters) {
            values.push_back(value ? value->c_str() : nullptr);
        }
        sent = PQsendQueryParams(conn_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                                 values.data(), nullptr, nullptr, 0);
    }
    if (sent != 1) {
        throw_lost(purpose);
    }
}

void Connection::flush(std::string_view purpose, Deadline deadline) {
    while (true) {
        const int left = PQflush(conn_.get());
        if (left == 0) {
            return;
        }
        if (left < 0) {
            throw_lost(purpose);
        }
        wait(purpose, POLLIN | POLLOUT, deadline);
        // The server may be blocked on sending to us: reading lets both go on.
        consume(purpose);
    }
}

void Connection::consume(std::string_view purpose) {
    if (PQconsumeInput(conn_.get()) != 1) {
        throw_lost(purpose);
    }
}

PgResult Connection::next_result(std::string_view purpose, Deadline deadline) {
    while (PQisBusy(conn_.get()) == 1) {
        wait(purpose, POLLIN, deadline);
        consume(purpose);
    }
    return PgResult(PQgetResult(conn_.get()));
}

PgResult Connection::last_result(std::string_view purpose, Deadline deadline) {
    PgResult last;
    PgResult failure;
    // After a fatal error the connection is gone; what the server said of it is told instead.
    while (failure == nullptr || usable()) {
        auto result = next_result(purpose, deadline);
        if (result == nullptr) {
            break;
        }
        switch (PQresultStatus(result.get())) {
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
        case PGRES_EMPTY_QUERY:
            last = std::move(result);
            break;
        case PGRES_COPY_IN:
        case PGRES_COPY_OUT:
        case PGRES_COPY_BOTH:
            conn_.reset();
            throw Error(ErrorCode::bug, fmt::format("cannot {}: unexpected COPY", purpose));
        default:
            if (failure == nullptr) {
                failure = std::move(result);
            }
            break;
        }
    }
    if (failure != nullptr) {
        throw error_of(purpose, *failure);
    }
    return last;
}

void Connection::wait(std::string_view purpose, short events, Deadline deadline) {
    try {
        if (poll_socket(PQsocket(conn_.get()), events, stop_, deadline) != 0) {
            return;
        }
    } catch (const Error&) {
        cancel_and_drain();
        throw;
    }
    cancel_and_drain();
    throw Error(ErrorCode::timed_out, fmt::format("cannot {}: no answer within {} ms", purpose,
                                                  (session_.statement_timeout + grace).count()));
}

/// Leaves the session idle, or closed where the server does not follow.
void Connection::cancel_and_drain() noexcept {
    const std::unique_ptr<PGcancel, system::Deleter<PQfreeCancel>> cancel(PQgetCancel(conn_.get()));
    std::array<char, 256> ignored{};
    const auto deadline = now() + cancel_patience;
    bool drained = cancel != nullptr &&
                   PQcancel(cancel.get(), ignored.data(), static_cast<int>(ignored.size())) == 1;
    while (drained) {
        if (PQisBusy(conn_.get()) == 0) {
            const PgResult result(PQgetResult(conn_.get()));
            if (result == nullptr) {
                return;
            }
            const auto status = PQresultStatus(result.get());
            if (status == PGRES_COPY_IN) {
                PQputCopyEnd(conn_.get(), "cancelled");
            }
            drained = status != PGRES_COPY_OUT && status != PGRES_COPY_BOTH;
            continue;
        }
        pollfd watch{PQsocket(conn_.get()), POLLIN, 0};
        const bool readable = ::poll(&watch, 1, system::poll_timeout(now(), deadline)) > 0;
        drained = readable && PQconsumeInput(conn_.get()) == 1;
    }
    conn_.reset();
}

void Connection::throw_lost(std::string_view purpose) {
    auto failure = explain_connect_failure(PQerrorMessage(conn_.get()));
    if (!failure.sqlstate.empty() && !message_is_free_of_data(failure.sqlstate)) {
        // The last words were of a statement, which may quote rows.
        failure.words = condition_name(failure.sqlstate);
    }
    conn_.reset();
    throw Error(
        ErrorCode::unreachable,
        fmt::format("cannot {}: the connection to the server was lost: {}", purpose, failure.words),
        "look at the server's log, then run the same command again")
        .with("connection", "lost")
        .with("sqlstate", failure.sqlstate)
        .with("server_says", failure.words);
}

Error Connection::error_of(std::string_view purpose, const PGresult& result) const {
    const auto sqlstate = field_or_empty(result, PG_DIAG_SQLSTATE);
    const auto severity = field_or_empty(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const auto says = message_is_free_of_data(sqlstate)
                          ? field_or_empty(result, PG_DIAG_MESSAGE_PRIMARY)
                          : std::string(condition_name(sqlstate));
    const auto object = object_of(result);
    const bool stopped = sqlstate == "57014" && stop_.stop_requested();
    Error error(stopped ? ErrorCode::interrupted : error_code_of(sqlstate),
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
