// SPDX-License-Identifier: Apache-2.0
#include "postgres/swap.hpp"

#include <atomic>
#include <chrono>
#include <fmt/core.h>
#include <thread>

namespace drctl::postgres {
namespace {

using namespace std::chrono_literals;

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

/// Renames in a transaction that stays open; whoever wants into one of the two waits from now on.
void rename_both(Connection& connection, const Swap& swap, const std::string& copy) {
    connection.exec("BEGIN");
    if (swap.live_oid) {
        connection.exec_for("rename the database", fmt::format("ALTER DATABASE {} RENAME TO {}",
                                                               connection.identifier(swap.live),
                                                               connection.identifier(swap.aside)));
    }
    connection.exec_for("rename the copy",
                        fmt::format("ALTER DATABASE {} RENAME TO {}", connection.identifier(copy),
                                    connection.identifier(swap.live)));
    expect(connection, swap.live, swap.copy_oid);
    if (swap.live_oid) {
        expect(connection, swap.aside, swap.live_oid);
    }
}

} // namespace

void swap_databases(const Target& server, const Swap& swap, system::StopToken stop) {
    // If anything fails the connection is closed, and with it the transaction is rolled back.
    auto connection = Connection::open(server, {}, stop);
    expect(connection, swap.live, swap.live_oid);
    const auto copy = database_name(connection, swap.copy_oid);
    if (!copy) {
        throw Error(ErrorCode::refused, "cannot swap: the copy is gone",
                    "type the same command again to make another one");
    }
    {
        // Gone before the commit: after it, it would end the sessions of clients that have come
        // back.
        const SessionEnder ender(server, connection.backend_pid(), stop);
        rename_both(connection, swap, *copy);
    }
    connection.exec_for("commit the swap", "COMMIT");
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
