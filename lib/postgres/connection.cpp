// SPDX-License-Identifier: Apache-2.0
#include "postgres/connection.hpp"

#include "postgres/connect_failure.hpp"
#include "postgres/connecting.hpp"
#include "postgres/server_error.hpp"
#include "postgres/socket_wait.hpp"
#include "postgres/sqlstate.hpp"

#include <fmt/core.h>

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

/// What no start-up option can set: a server that does not know the parameter, or does not let
/// this role set it, would end the session. The server has told by now what it is, and who we are;
/// its catalogue, which may be damaged, is not asked.
void set_what_no_option_can(Connection& connection) {
    std::string settings;
    if (connection.server_version() >= 140000) {
        settings += "SET idle_session_timeout = 0; ";
    }
    if (connection.server_version() >= 170000) {
        settings += "SET transaction_timeout = 0; ";
    }
    if (connection.parameter("is_superuser") == "on") {
        settings += "SET lc_messages = 'C'; "; // so that its words can be told apart
    }
    if (!settings.empty()) {
        connection.exec_for(fmt::format("set up a session in database '{}'", connection.dbname()),
                            settings);
    }
}

} // namespace

Connection Connection::open(const Target& target, const Session& session, system::StopToken stop) {
    auto conn = connect(target, session, stop);
    if (PQsetnonblocking(conn.get(), 1) != 0) {
        throw Error(ErrorCode::failed, "cannot make a connection non-blocking");
    }
    Connection connection(std::move(conn), target, session, stop);
    set_what_no_option_can(connection);
    return connection;
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
        auto error = error_of(purpose, *first, stop_.stop_requested());
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
        throw error_of(purpose, *failure, stop_.stop_requested());
    }
    return last;
}

void Connection::wait(std::string_view purpose, short events, Deadline deadline) {
    try {
        if (wait_for_socket(PQsocket(conn_.get()), events, stop_, deadline) != 0) {
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

} // namespace drctl::postgres
