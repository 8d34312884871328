// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"
#include "postgres/result.hpp"
#include "postgres/target.hpp"
#include "system/clock.hpp"
#include "system/stop.hpp"
#include "system/units.hpp"

#include <cstdint>
#include <functional>
#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drctl::postgres {

using PgConn = std::unique_ptr<PGconn, system::Deleter<PQfinish>>;

/// What every session of ours sets for itself, so that neither a dead synchronous standby nor
/// a setting of the role or the database can hang or change a recovery.
/// Always set: `synchronous_commit = local`, `default_transaction_read_only = off`, no
/// idle_session_timeout and no transaction_timeout; and English messages where we are superuser.
struct Session {
    system::Duration connect_timeout{10'000};
    /// Of each statement, enforced by the server and, 5 s later, by us; 0: none.
    system::Duration statement_timeout{0};
    system::Duration lock_timeout{30'000}; ///< 0: none
    system::Duration idle_in_transaction_timeout{600'000};
    /// `pg_catalog` for our own queries; nothing: what role and database say (user's queries).
    std::optional<std::string> search_path = "pg_catalog";
    /// The role that logs in, for our own work; false: whom role and database make of it.
    bool own_role = true;
    /// Reads system catalogues without their indexes, which may be damaged: slow, but it gets in.
    bool ignore_system_indexes = false;
};

/// Values of $1, $2 …; nothing is NULL.
using Parameters = std::vector<std::optional<std::string>>;

/// One session with a server, for one thread at a time. Non-blocking underneath: every wait ends
/// when stop is requested (the statement is cancelled first) or its time is over.
///
/// Errors of the server are Error with the context keys `sqlstate`, `severity`, `server_says`
/// (severity and primary message, without row data), and where known `object`
/// (`schema.table.constraint` or column), `position` (character of the statement) and `copy_line`
/// (row of a COPY, from 1). DETAIL, CONTEXT and statement text are never kept. Errors of the
/// connection itself carry `connection` = `lost`, or what ConnectFailure says in words.
class Connection {
  public:
    /// Throws Error(unreachable), Error(refused) for authentication, Error(interrupted).
    static Connection open(const Target& target, const Session& session, system::StopToken stop);

    /// A second session with the same server, set up like this one, in another database.
    [[nodiscard]] Connection another(const std::string& dbname) const;

    /// Runs one statement (or, without parameters, several: the last result is returned).
    /// `purpose` completes "cannot …" in the error message.
    Result exec_for(std::string_view purpose, const std::string& sql, const Parameters& = {});
    Result exec(const std::string& sql, const Parameters& parameters = {});

    /// Runs `COPY … TO STDOUT`; each row goes to `sink`, if there is one. Returns the bytes.
    std::uint64_t copy_out(std::string_view purpose, const std::string& sql,
                           const std::function<void(std::string_view)>& sink = {});

    [[nodiscard]] std::string identifier(std::string_view name) const;
    [[nodiscard]] std::string literal(std::string_view value) const;

    [[nodiscard]] const std::string& dbname() const noexcept { return target_.dbname; }
    /// As in `server_version_num`: 150020.
    [[nodiscard]] int server_version() const noexcept { return PQserverVersion(conn_.get()); }
    [[nodiscard]] int backend_pid() const noexcept { return PQbackendPID(conn_.get()); }
    /// A parameter that the server reports by itself (`server_encoding`), or empty.
    [[nodiscard]] std::string parameter(const char* name) const;
    /// False once the connection broke; it stays broken.
    [[nodiscard]] bool usable() const noexcept;

  private:
    friend class CopyIn;
    Connection(PgConn conn, const Target& target, const Session& session, system::StopToken stop);

    using Deadline = std::optional<system::SteadyTime>;
    [[nodiscard]] Deadline statement_deadline() const;
    void send(std::string_view purpose, const std::string& sql, const Parameters& parameters);
    void flush(std::string_view purpose, Deadline deadline);
    void consume(std::string_view purpose);
    PgResult next_result(std::string_view purpose, Deadline deadline);
    PgResult last_result(std::string_view purpose, Deadline deadline);
    void wait(std::string_view purpose, short events, Deadline deadline);
    void cancel_and_drain() noexcept;
    [[noreturn]] void throw_lost(std::string_view purpose);

    PgConn conn_;
    Target target_;
    Session session_;
    system::StopToken stop_;
};

} // namespace drctl::postgres
