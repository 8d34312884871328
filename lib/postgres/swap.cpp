// SPDX-License-Identifier: Apache-2.0
#include "postgres/swap.hpp"

#include <atomic>
#include <chrono>
#include <fmt/core.h>
#include <thread>

namespace drctl::postgres {
namespace {

using namespace std::chrono_literals;

constexpr const char* lock_not_available = "55P03";
/// New clients queue behind an attempt, so one is short; between two they get in.
constexpr system::Duration patience_of_an_attempt{500};
constexpr system::Duration pause_between_attempts{500};

/// Ends the sessions of every database that the renaming session has locked, until destroyed.
/// Not before it has the lock: clients that come back at once would be ended again and again.
class SessionEnder {
  public:
    SessionEnder(const Target& server, int renaming_session, system::StopToken stop)
        : connection_(Connection::open(server, {}, stop)), renaming_session_(renaming_session),
          thread_([this] { work(); }) {}
    SessionEnder(const SessionEnder&) = delete;
    SessionEnder& operator=(const SessionEnder&) = delete;
    ~SessionEnder() {
        finish_.request(1);
        thread_.join();
    }

  private:
    void work() {
        const system::SystemClock clock;
        try {
            do {
                connection_.exec("SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a "
                                 "JOIN pg_locks l ON l.objid = a.datid WHERE l.pid = $1::int "
                                 "AND l.locktype = 'object' AND l.granted "
                                 "AND l.classid = 'pg_database'::regclass "
                                 "AND l.mode = 'AccessExclusiveLock' AND a.pid <> l.pid",
                                 {std::to_string(renaming_session_)});
            } while (clock.wait_for(20ms, finish_.token()));
        } catch (const Error&) {
            // The rename then says that sessions are left; that is the error to report.
        }
    }

    Connection connection_;
    int renaming_session_;
    system::StopSource finish_;
    std::thread thread_;
};

void expect(Connection& connection, const std::string& name, std::optional<Oid> oid) {
    const auto found = find_database(connection, name);
    if (found != oid) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot swap: database '{}' is not the one that was planned for "
                                "(OID {} instead of {})",
                                name, found.value_or(0), oid.value_or(0)),
                    "somebody else has renamed it meanwhile; look at it, then type the same "
                    "command again");
    }
}

/// One database that changes its name.
struct Move {
    Oid oid = 0;
    std::string from;
    std::string to;
};

/// Renames in a transaction that stays open; whoever wants into one of them waits from now on.
void rename_all(Connection& connection, const std::vector<Move>& moves) {
    connection.exec("BEGIN");
    for (const auto& move : moves) {
        connection.exec_for("rename database '" + move.from + "'",
                            fmt::format("ALTER DATABASE {} RENAME TO {}",
                                        connection.identifier(move.from),
                                        connection.identifier(move.to)));
    }
    for (const auto& move : moves) {
        expect(connection, move.to, move.oid);
    }
}

/// The sessions that hold a lock on one of the databases, in words; empty if none does any more.
std::string holders_of(Connection& connection, const std::vector<Move>& moves) {
    std::string words;
    for (const auto& move : moves) {
        const auto rows = connection.exec(
            "SELECT l.pid, a.usename, a.state FROM pg_locks l LEFT JOIN pg_stat_activity a "
            "USING (pid) WHERE l.locktype = 'object' AND l.granted AND l.objid = $1::oid AND "
            "l.classid = 'pg_database'::regclass AND l.pid IS DISTINCT FROM pg_backend_pid()",
            {std::to_string(move.oid)});
        for (int row = 0; row < rows.rows(); ++row) {
            const auto pid = rows.optional_string(row, 0);
            words += fmt::format("{}{} holds a lock on '{}'", words.empty() ? "" : ", ",
                                 pid ? fmt::format("process {} of '{}' ({})", *pid,
                                                   rows.optional_string(row, 1).value_or("?"),
                                                   rows.optional_string(row, 2).value_or("?"))
                                     : std::string("a prepared transaction"),
                                 move.from);
        }
    }
    return words;
}

Error held_too_long(const Error& error, const std::string& holders) {
    Error named(error.code(), error.message(),
                holders.empty() ? error.hint()
                                : holders + ": end its transaction, or the session with SELECT "
                                            "pg_terminate_backend(PID), then type the same "
                                            "command again");
    named.add_context("sqlstate", error.context_value("sqlstate"));
    return named;
}

/// False if somebody holds a lock; nothing is left of the attempt then.
bool try_to_move(const Target& server, Connection& connection, const std::vector<Move>& moves,
                 bool last, system::StopToken stop) {
    try {
        // Gone before the commit: after it, it would end the sessions of clients that have come
        // back.
        const SessionEnder ender(server, connection.backend_pid(), stop);
        rename_all(connection, moves);
        return true;
    } catch (const Error& error) {
        if (error.context_value("sqlstate") != lock_not_available) {
            throw;
        }
        connection.exec("ROLLBACK");
        if (last) {
            throw held_too_long(error, holders_of(connection, moves));
        }
        return false;
    }
}

/// If anything fails the connection is closed, and with it the transaction is rolled back.
void move_all(const Target& server, Connection& connection, const std::vector<Move>& moves,
              system::StopToken stop, system::Duration patience) {
    const system::SystemClock clock;
    const auto deadline = clock.steady() + patience;
    while (!try_to_move(server, connection, moves, clock.steady() >= deadline, stop)) {
        clock.wait_for(pause_between_attempts, stop);
        stop.throw_if_requested();
    }
    connection.exec_for("commit the new names", "COMMIT");
}

Connection open_mover(const Target& server, system::StopToken stop) {
    Session session;
    session.lock_timeout = patience_of_an_attempt;
    return Connection::open(server, session, stop);
}

} // namespace

void swap_databases(const Target& server, const Swap& swap, system::StopToken stop,
                    system::Duration patience) {
    auto connection = open_mover(server, stop);
    expect(connection, swap.live, swap.live_oid);
    const auto copy = database_name(connection, swap.copy_oid);
    if (!copy) {
        throw Error(ErrorCode::refused, "cannot swap: the copy is gone",
                    "type the same command again to make another one");
    }
    std::vector<Move> moves;
    if (swap.live_oid) {
        moves.push_back({*swap.live_oid, swap.live, swap.aside});
    }
    moves.push_back({swap.copy_oid, *copy, swap.live});
    move_all(server, connection, moves, stop, patience);
}

void rename_database(const Target& server, Oid oid, const std::string& from, const std::string& to,
                     system::StopToken stop, system::Duration patience) {
    auto connection = open_mover(server, stop);
    expect(connection, from, oid);
    move_all(server, connection, {{oid, from, to}}, stop, patience);
}

std::vector<std::string> disable_subscriptions(const Target& server, const std::string& database,
                                               system::StopToken stop) {
    std::vector<std::string> names;
    {
        auto connection = Connection::open(server, {}, stop);
        const auto rows = connection.exec(
            "SELECT subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid "
            "WHERE subenabled AND datname = $1",
            {database});
        for (int row = 0; row < rows.rows(); ++row) {
            names.push_back(rows.string(row, 0));
        }
    }
    if (!names.empty()) {
        auto inside = Connection::open(server.with_dbname(database), {}, stop);
        for (const auto& name : names) {
            inside.exec("ALTER SUBSCRIPTION " + inside.identifier(name) + " DISABLE");
        }
    }
    return names;
}

} // namespace drctl::postgres
