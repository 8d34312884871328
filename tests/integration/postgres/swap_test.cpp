// SPDX-License-Identifier: Apache-2.0
#include "postgres/swap.hpp"

#include "postgres/database_names.hpp"
#include "support/postgres_cluster.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace drctl::postgres {
namespace {

using std::chrono::steady_clock;
using test::PostgresCluster;

constexpr const char* run = "20261123T031502Z-7f3a";

class SwapTest : public testing::Test {
  protected:
    SwapTest() {
        for (const auto& [name, content] : {std::pair{live(), "old"}, std::pair{copy(), "new"}}) {
            cluster_.create_database(name);
            cluster_.psql(name, std::string("CREATE TABLE which AS SELECT '") + content +
                                    "'::text AS content");
        }
    }
    static std::string live() { return "shop"; }
    static std::string copy() { return copy_name("shop", run); }
    static std::string aside() { return kept_name("shop", run); }
    [[nodiscard]] Target server() const { return target_of(cluster_.database("postgres")); }
    [[nodiscard]] std::optional<Oid> oid_of(const std::string& name) const {
        auto connection = Connection::open(server(), {}, {});
        return find_database(connection, name);
    }
    [[nodiscard]] Swap swap() const { return {live(), oid_of(live()), aside(), *oid_of(copy())}; }
    [[nodiscard]] std::string content_of(const std::string& name) const {
        return cluster_.psql(name, "SELECT content FROM which");
    }

    PostgresCluster cluster_{
        {.initdb = {},
         .settings = {{"max_connections", "60"}, {"max_prepared_transactions", "2"}}}};
};

TEST_F(SwapTest, GivesTheCopyThePublicNameAndKeepsTheOldOne) {
    const auto planned = swap();
    swap_databases(server(), planned, {});
    EXPECT_EQ(content_of(live()), "new");
    EXPECT_EQ(content_of(aside()), "old");
    EXPECT_EQ(oid_of(live()), planned.copy_oid);
    EXPECT_EQ(oid_of(aside()), planned.live_oid);
    EXPECT_EQ(oid_of(copy()), std::nullopt);
}

TEST_F(SwapTest, IsNeverDoneTwice) {
    const auto planned = swap();
    swap_databases(server(), planned, {});
    EXPECT_THROW(swap_databases(server(), planned, {}), Error);
    EXPECT_EQ(content_of(live()), "new");
}

TEST_F(SwapTest, RefusesDatabasesThatAreNotThePlannedOnes) {
    auto planned = swap();
    planned.live_oid = *planned.live_oid + 1000;
    try {
        swap_databases(server(), planned, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::refused);
    }
    planned = swap();
    planned.copy_oid += 1000;
    EXPECT_THROW(swap_databases(server(), planned, {}), Error);
    planned = swap();
    planned.live_oid = std::nullopt; // somebody has made one meanwhile
    EXPECT_THROW(swap_databases(server(), planned, {}), Error);
    EXPECT_EQ(content_of(live()), "old");
    EXPECT_EQ(content_of(copy()), "new");
}

TEST_F(SwapTest, TakesTheNameOfADatabaseThatIsGone) {
    auto planned = swap();
    cluster_.psql("postgres", "DROP DATABASE shop");
    planned.live_oid = std::nullopt;
    swap_databases(server(), planned, {});
    EXPECT_EQ(content_of(live()), "new");
    EXPECT_EQ(oid_of(aside()), std::nullopt);
}

TEST_F(SwapTest, ChangesNothingIfTheSecondRenameFails) {
    const auto planned = swap();
    // A prepared transaction is the one thing that ending sessions does not move away.
    cluster_.psql(copy(), "BEGIN; INSERT INTO which VALUES ('half'); PREPARE TRANSACTION 'half'");
    EXPECT_THROW(swap_databases(server(), planned, {}), Error);
    EXPECT_EQ(content_of(live()), "old");
    EXPECT_EQ(content_of(copy()), "new");
    EXPECT_EQ(oid_of(live()), planned.live_oid);
    cluster_.psql(copy(), "ROLLBACK PREPARED 'half'");
    swap_databases(server(), planned, {});
    EXPECT_EQ(content_of(live()), "new");
}

TEST_F(SwapTest, NamesWhoHoldsALock) {
    const auto planned = swap();
    auto holder = Connection::open(server(), {}, {});
    holder.exec("BEGIN; COMMENT ON DATABASE shop IS 'not yet committed'");
    try {
        swap_databases(server(), planned, {}, system::Duration(1));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.context_value("sqlstate"), "55P03");
        EXPECT_NE(error.hint().find(std::to_string(holder.backend_pid())), std::string::npos)
            << error.hint();
    }
    EXPECT_EQ(content_of(live()), "old");
}

TEST_F(SwapTest, LetsClientsInWhileSomebodyElseHoldsALock) {
    const auto planned = swap();
    auto holder = Connection::open(server(), {}, {});
    auto watcher = Connection::open(server(), {}, {});
    holder.exec("BEGIN; COMMENT ON DATABASE shop IS 'not yet committed'");
    std::thread swapping([&] { swap_databases(server(), planned, {}, std::chrono::minutes(5)); });
    const auto waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND NOT granted "
                       "AND mode = 'AccessExclusiveLock'";
    while (watcher.exec(waits).integer(0, 0) == 0) {
        std::this_thread::yield();
    }
    // It queues behind the swap, and would wait as long as that does.
    const auto client = Connection::open(target_of(cluster_.database(live())), {}, {});
    EXPECT_TRUE(client.usable());
    holder.exec("ROLLBACK");
    swapping.join();
    EXPECT_EQ(content_of(live()), "new");
}

TEST_F(SwapTest, OneDatabaseIsRenamedAlthoughSomebodyUsesIt) {
    const auto oid = *oid_of(live());
    auto client = Connection::open(target_of(cluster_.database(live())), {}, {});
    EXPECT_THROW(rename_database(server(), oid + 1000, live(), "other", {}), Error);
    EXPECT_EQ(client.exec("SELECT 1").integer(0, 0), 1);
    rename_database(server(), oid, live(), "other", {});
    EXPECT_EQ(oid_of("other"), oid);
    EXPECT_EQ(oid_of(live()), std::nullopt);
    EXPECT_THROW(client.exec("SELECT 1"), Error);
}

/// An application that keeps one session and connects again at once when it breaks.
struct Client {
    int errors = 0;
    std::chrono::milliseconds longest_outage{0};
    std::string last_content;
};

Client use_database(const Target& database, const std::atomic<bool>& over) {
    const system::SystemClock clock;
    const std::chrono::milliseconds think_time(2); // not all cores belong to the clients
    Client client;
    std::optional<Connection> session;
    auto last_answer = steady_clock::now();
    while (!over) {
        try {
            if (!session) {
                session = Connection::open(database, {}, {});
            }
            client.last_content = session->exec("SELECT content FROM public.which").string(0, 0);
            const auto now = steady_clock::now();
            client.longest_outage =
                std::max(client.longest_outage,
                         std::chrono::duration_cast<std::chrono::milliseconds>(now - last_answer));
            last_answer = now;
            clock.wait_for(think_time, {});
        } catch (const Error&) {
            ++client.errors;
            session.reset();
        }
    }
    return client;
}

TEST_F(SwapTest, OutageOfReconnectingClientsIsShort) {
    const auto planned = swap();
    const auto database = target_of(cluster_.database(live()));
    std::atomic<bool> over{false};
    std::atomic<int> ready{0};
    constexpr int number = 20;
    std::vector<Client> clients(number);
    std::vector<std::thread> threads;
    for (auto& client : clients) {
        threads.emplace_back([&] {
            static_cast<void>(Connection::open(database, {}, {}));
            ++ready;
            client = use_database(database, over);
        });
    }
    while (ready < number) {
        std::this_thread::yield();
    }
    swap_databases(server(), planned, {});
    // Everybody must have come back before it counts.
    auto watcher = Connection::open(server(), {}, {});
    while (watcher
               .exec("SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND query LIKE "
                     "'SELECT content%'",
                     {live()})
               .integer(0, 0) < number) {
        std::this_thread::yield();
    }
    over = true;
    for (auto& thread : threads) {
        thread.join();
    }
    std::chrono::milliseconds longest{0};
    for (const auto& client : clients) {
        longest = std::max(longest, client.longest_outage);
        EXPECT_LT(client.longest_outage, std::chrono::seconds(1));
        EXPECT_LE(client.errors, 2) << "one for the session, one for a connection on its way";
        EXPECT_EQ(client.last_content, "new");
    }
    RecordProperty("longest_outage_ms", static_cast<int>(longest.count()));
}

TEST_F(SwapTest, DisablesTheSubscriptionsOfTheKeptDatabase) {
    cluster_.psql(live(), "CREATE SUBSCRIPTION s CONNECTION 'host=/nowhere dbname=x' PUBLICATION p "
                          "WITH (connect = false); ALTER SUBSCRIPTION s SET (slot_name = 'x');"
                          "ALTER SUBSCRIPTION s ENABLE");
    EXPECT_EQ(disable_subscriptions(server(), live(), {}), std::vector<std::string>{"s"});
    EXPECT_EQ(cluster_.psql(live(), "SELECT subenabled FROM pg_subscription"), "f");
    EXPECT_TRUE(disable_subscriptions(server(), live(), {}).empty());
    cluster_.psql(live(), "ALTER SUBSCRIPTION s SET (slot_name = NONE); DROP SUBSCRIPTION s");
}

} // namespace
} // namespace drctl::postgres
