// SPDX-License-Identifier: Apache-2.0
#include "postgres/server.hpp"

#include "postgres/connection.hpp"
#include "postgres/data_directory.hpp"
#include "support/postgres_cluster.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <thread>

namespace drctl::postgres {
namespace {

using test::PostgresCluster;
using State = ServerProbe::State;

constexpr system::Duration patience{5'000};

ServerProbe probe(const PostgresCluster& cluster, const std::string& dbname = "postgres") {
    return probe_server(target_of(cluster.database(dbname)), patience, {});
}

TEST(ProbeServer, DescribesAHealthyServer) {
    const PostgresCluster cluster;
    const auto seen = probe(cluster);
    ASSERT_EQ(seen.state, State::accepting) << seen.evidence;
    ASSERT_TRUE(seen.facts.has_value());
    EXPECT_GE(seen.facts->major(), 13);
    EXPECT_EQ(seen.facts->data_directory, cluster.data_dir());
    EXPECT_EQ(seen.facts->config_file, cluster.data_dir() / "postgresql.conf");
    EXPECT_TRUE(seen.facts->superuser);
    EXPECT_FALSE(seen.facts->in_recovery);
    const auto age = std::chrono::system_clock::now() - seen.facts->started;
    EXPECT_LT(age, std::chrono::minutes(2));
    EXPECT_GE(seen.facts->up_since, seen.facts->started);
    EXPECT_LT(seen.facts->up_since - seen.facts->started, std::chrono::seconds(30));

    const auto directory = inspect_data_directory(cluster.data_dir());
    EXPECT_EQ(directory.state, DataDirectory::State::present);
    EXPECT_TRUE(directory.permissions_fit());
    ASSERT_EQ(directory.control.state, ControlFileReading::State::good)
        << directory.control.evidence;
    EXPECT_EQ(directory.control.content.system_identifier, seen.facts->system_identifier);
    EXPECT_EQ(directory.control.content.block_size, 8192U);
    EXPECT_EQ(directory.control.content.wal_segment_size, 16U << 20);
    EXPECT_EQ(directory.control.content.page_checksum_version, 1U);
    EXPECT_EQ(name_of(directory.control.content.cluster_state), "in production");
    ASSERT_TRUE(directory.postmaster.has_value());
    EXPECT_TRUE(directory.postmaster->running);
    EXPECT_EQ(directory.postmaster->pid, cluster.postmaster_pid());
    EXPECT_EQ(directory.postmaster->port, cluster.port());
    EXPECT_EQ(directory.postmaster->socket_directory, cluster.socket_dir());
}

TEST(ProbeServer, SeesThatACrashOfABackendRestartedTheServer) {
    PostgresCluster cluster({.initdb = {}, .settings = {{"restart_after_crash", "on"}}});
    auto connection = Connection::open(target_of(cluster.database("postgres")), {}, {});
    const auto before = probe(cluster);
    ::kill(connection.backend_pid(), SIGKILL);
    auto after = probe(cluster);
    while (after.state != State::accepting || after.facts->up_since == before.facts->up_since) {
        std::this_thread::yield();
        after = probe(cluster);
    }
    EXPECT_EQ(after.facts->started, before.facts->started);
    EXPECT_GT(after.facts->up_since, before.facts->up_since);
}

TEST(ProbeServer, TellsAServerThatIsDown) {
    PostgresCluster cluster;
    cluster.stop();
    const auto seen = probe(cluster);
    EXPECT_EQ(seen.state, State::refused) << seen.evidence;
    EXPECT_NE(seen.hint, "");
    const auto directory = inspect_data_directory(cluster.data_dir());
    EXPECT_FALSE(directory.postmaster.has_value());
    EXPECT_TRUE(directory.control.content.cleanly_shut_down());
    cluster.start();
    cluster.kill_all();
    const auto crashed = inspect_data_directory(cluster.data_dir());
    ASSERT_TRUE(crashed.postmaster.has_value());
    EXPECT_FALSE(crashed.postmaster->running);
    EXPECT_FALSE(crashed.control.content.cleanly_shut_down());
    EXPECT_EQ(probe(cluster).state, State::refused);
}

TEST(ProbeServer, TellsAServerThatStarts) {
    // A standby without anything to follow never becomes consistent.
    PostgresCluster cluster(
        {.initdb = {}, .settings = {{"restore_command", "'false'"}}, .start = false});
    std::ofstream(cluster.data_dir() / "standby.signal");
    std::ofstream(cluster.data_dir() / "backup_label")
        << "START WAL LOCATION: 0/9000028 (file 000000010000000000000009)\n"
           "CHECKPOINT LOCATION: 0/9000060\nBACKUP METHOD: streamed\nBACKUP FROM: primary\n"
           "START TIME: 2026-01-01 00:00:00 UTC\nLABEL: none\nSTART TIMELINE: 1\n";
    cluster.give(cluster.data_dir());
    static_cast<void>(
        cluster.run("pg_ctl", {"-D", cluster.data_dir(), "-l", cluster.log_file(), "-W", "start"}));
    auto seen = probe(cluster);
    while (seen.state == State::refused && cluster.log().find("FATAL") == std::string::npos) {
        std::this_thread::yield();
        seen = probe(cluster);
    }
    EXPECT_EQ(seen.state, State::starting) << seen.evidence << cluster.log();
    EXPECT_EQ(seen.sqlstate, "57P03");
}

TEST(ProbeServer, TellsAServerThatHangs) {
    const PostgresCluster cluster;
    ::kill(cluster.postmaster_pid(), SIGSTOP);
    const auto seen =
        probe_server(target_of(cluster.database("postgres")), system::Duration(100), {});
    ::kill(cluster.postmaster_pid(), SIGCONT);
    EXPECT_EQ(seen.state, State::unresponsive) << seen.evidence;
}

TEST(ProbeServer, TellsAServerThatIsAliveButDoesNotLetUsIn) {
    PostgresCluster cluster({.initdb = {},
                             .settings = {{"max_connections", "5"},
                                          {"superuser_reserved_connections", "0"},
                                          {"max_wal_senders", "0"}}});
    {
        std::vector<Connection> all;
        for (int i = 0; i < 5; ++i) {
            all.push_back(Connection::open(target_of(cluster.database("postgres")), {}, {}));
        }
        const auto seen = probe(cluster);
        EXPECT_EQ(seen.state, State::too_many_clients) << seen.evidence;
        EXPECT_EQ(seen.sqlstate, "53300");
        EXPECT_NE(seen.hint, "");
    }
    cluster.psql("postgres", "CREATE DATABASE closed ALLOW_CONNECTIONS false");
    EXPECT_EQ(probe(cluster, "closed").state, State::closed_database);
    std::ofstream(cluster.data_dir() / "pg_hba.conf") << "local all all reject\n";
    cluster.stop();
    // Nobody gets in, not even pg_ctl's own check: it counts a refusal as an answer.
    ASSERT_TRUE(cluster.try_start());
    const auto seen = probe(cluster);
    EXPECT_EQ(seen.state, State::authentication_failed) << seen.evidence;
    EXPECT_NE(seen.hint.find("pg_hba.conf"), std::string::npos);
}

TEST(ProbeServer, GoesAsItIsWhereItCannotBecomeTheServersAccount) {
    const auto nobody = system::find_user("nobody");
    if (!system::running_as_root() || !nobody) {
        GTEST_SKIP() << "needs root and a user 'nobody'";
    }
    const PostgresCluster cluster;
    fs::permissions(cluster.root(), static_cast<fs::perms>(0755));
    const auto seen_by_nobody = [&] {
        const system::ActAs act(*nobody);
        return probe(cluster);
    };
    auto seen = seen_by_nobody();
    EXPECT_EQ(seen.state, State::accepting) << seen.evidence;
    std::ofstream(cluster.data_dir() / "pg_hba.conf") << "local all all peer\n";
    cluster.psql("postgres", "SELECT pg_reload_conf()");
    while (seen.state == State::accepting) {
        seen = seen_by_nobody();
    }
    EXPECT_EQ(seen.state, State::authentication_failed) << seen.evidence;
    EXPECT_NE(seen.hint.find("sudo"), std::string::npos) << seen.hint;
}

TEST(ProbeServer, TellsADatabaseThatIsGoneFromOneWhoseFilesAreGone) {
    PostgresCluster cluster;
    const auto gone = probe(cluster, "no_such");
    EXPECT_EQ(gone.state, State::database_missing);
    EXPECT_FALSE(gone.in_catalogue);
    EXPECT_TRUE(gone.facts.has_value());
    cluster.create_database("dao");
    const auto oid = cluster.psql("postgres", "SELECT oid FROM pg_database WHERE datname = 'dao'");
    fs::rename(cluster.data_dir() / "base" / oid, cluster.root() / "hidden");
    const auto lost = probe(cluster, "dao");
    EXPECT_EQ(lost.state, State::database_missing) << lost.evidence;
    EXPECT_TRUE(lost.in_catalogue);
    fs::create_directory(cluster.data_dir() / "base" / oid);
    cluster.give(cluster.data_dir() / "base");
    const auto hollow = probe(cluster, "dao");
    EXPECT_EQ(hollow.state, State::failing) << hollow.evidence;
    EXPECT_NE(hollow.evidence.find("base/" + oid), std::string::npos) << hollow.evidence;
    EXPECT_TRUE(hollow.in_catalogue);
}

TEST(ProbeServer, NeverSaysAnythingOfAServerItDidNotReach) {
    Target nowhere{"host=nowhere.invalid", "dao", {}, ""};
    EXPECT_EQ(probe_server(nowhere, patience, {}).state, State::unreachable);
    system::StopSource source;
    source.request(SIGTERM);
    EXPECT_THROW(probe_server(nowhere, patience, source.token()), Error);
}

} // namespace
} // namespace drctl::postgres
