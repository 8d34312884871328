// SPDX-License-Identifier: Apache-2.0
#include "postgres/swap.hpp"

#include <atomic>
#include <chrono>
#include <fmt/core.h>
#include <thread>

namespace drctl::postgres {
namespace {

using namespace std::chrono_literals;

/// Ends the sessions of a database, again and again, until it is destroyed.
class SessionEnder {
  public:
    SessionEnder(const Target& server, Oid database, system::StopToken stop)
        : connection_(Connection::open(server, {}, stop)), database_(database),
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
                connection_.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                 "WHERE datid = $1::oid AND pid <> pg_backend_pid()",
                                 {std::to_string(database_)});
            } while (clock.wait_for(20ms, finish_.token()));
        } catch (const Error&) {
            // The rename then says that sessions are left; that is the error to report.
        }
    }

    Connection connection_;
    Oid database_;
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

void rename_both(Connection& connection, const Swap& swap, const std::string& copy) {
    connection.exec("BEGIN");
    try {
        if (swap.live_oid) {
            connection.exec_for("rename the database",
                                fmt::format("ALTER DATABASE {} RENAME TO {}",
                                            connection.identifier(swap.live),
                                            connection.identifier(swap.aside)));
        }
        connection.exec_for("rename the copy", fmt::format("ALTER DATABASE {} RENAME TO {}",
                                                           connection.identifier(copy),
                                                           connection.identifier(swap.live)));
        expect(connection, swap.live, swap.copy_oid);
        if (swap.live_oid) {
            expect(connection, swap.aside, swap.live_oid);
        }
        connection.exec_for("commit the swap", "COMMIT");
    } catch (const Error&) {
        if (connection.usable() && connection.in_transaction()) {
            connection.exec("ROLLBACK");
        }
        throw;
    }
}

} // namespace

void swap_databases(const Target& server, const Swap& swap, system::StopToken stop) {
    auto connection = Connection::open(server, {}, stop);
    expect(connection, swap.live, swap.live_oid);
    const auto copy = database_name(connection, swap.copy_oid);
    if (!copy) {
        throw Error(ErrorCode::refused, "cannot swap: the copy is gone",
                    "type the same command again to make another one");
    }
    std::optional<SessionEnder> live_sessions;
    if (swap.live_oid) {
        live_sessions.emplace(server, *swap.live_oid, stop);
    }
    const SessionEnder copy_sessions(server, swap.copy_oid, stop);
    rename_both(connection, swap, *copy);
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
