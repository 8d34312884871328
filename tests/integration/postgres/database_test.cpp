// SPDX-License-Identifier: Apache-2.0
#include "postgres/database.hpp"

#include "postgres/database_names.hpp"
#include "postgres/server.hpp"
#include "support/postgres_cluster.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres {
namespace {

namespace fs = std::filesystem;
using test::PostgresCluster;

constexpr const char* run = "20261123T031502Z-7f3a";

class DatabaseTest : public testing::Test {
  protected:
    [[nodiscard]] Connection connect(const std::string& dbname = "postgres") const {
        return Connection::open(target_of(cluster_.database(dbname)), {}, {});
    }
    std::string psql(const std::string& sql, const std::string& dbname = "postgres") const {
        return cluster_.psql(dbname, sql);
    }
    /// All that the shared catalogues know of a database, except what identifies it.
    [[nodiscard]] std::string description(const std::string& name) const {
        return psql("SELECT d.datdba::regrole, d.encoding, d.datlocprovider, d.datcollate, "
                    "d.datctype, d.daticulocale, d.datistemplate, d.datallowconn, d.datconnlimit, "
                    "t.spcname, d.datacl IS NULL, (SELECT array_agg(a::text ORDER BY a::text) "
                    "FROM unnest(d.datacl) a), shobj_description(d.oid, 'pg_database'), "
                    "(SELECT array_agg((setrole::regrole, setconfig)::text ORDER BY setrole) "
                    "FROM pg_db_role_setting WHERE setdatabase = d.oid) "
                    "FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace "
                    "WHERE d.datname = '" +
                    name + "'");
    }
    /// A copy beside `live`, as a restore makes it.
    std::string copy_of(const std::string& live) {
        auto server = connect();
        const auto properties = read_properties(server, live);
        EXPECT_TRUE(properties.has_value());
        const auto name = copy_name(live, run);
        create_database_like(server, name, *properties);
        apply_properties(server, name, *properties);
        apply_properties(server, name, *properties); // a second time changes nothing
        return name;
    }
    PostgresCluster cluster_;
};

TEST_F(DatabaseTest, ACopyHasEverythingThatIsNotInADump) {
    const auto space = cluster_.root() / "space";
    fs::create_directory(space);
    cluster_.give(space);
    psql("CREATE ROLE owner; CREATE ROLE app LOGIN; CREATE ROLE helper; CREATE ROLE \"Odd Role\"");
    psql("CREATE TABLESPACE fast LOCATION '" + space.string() + "'");
    psql("CREATE DATABASE \"Odd Name\" TEMPLATE template0 OWNER owner ENCODING UTF8 "
         "LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' LOCALE_PROVIDER icu ICU_LOCALE 'de-DE' "
         "TABLESPACE fast CONNECTION LIMIT 17 IS_TEMPLATE true");
    psql("COMMENT ON DATABASE \"Odd Name\" IS 'it''s \\ the one'");
    psql("REVOKE ALL ON DATABASE \"Odd Name\" FROM PUBLIC;"
         "GRANT CONNECT ON DATABASE \"Odd Name\" TO app WITH GRANT OPTION;"
         "GRANT TEMPORARY ON DATABASE \"Odd Name\" TO \"Odd Role\";"
         "SET SESSION AUTHORIZATION app; GRANT CONNECT ON DATABASE \"Odd Name\" TO helper");
    psql("ALTER DATABASE \"Odd Name\" SET search_path = \"$user\", \"a,b\", public;"
         "ALTER DATABASE \"Odd Name\" SET work_mem = '8MB';"
         "ALTER DATABASE \"Odd Name\" SET app.tenant = 'o''brien, \"x\"';"
         "ALTER DATABASE \"Odd Name\" SET DateStyle = 'ISO, DMY';"
         "ALTER ROLE \"Odd Role\" IN DATABASE \"Odd Name\" SET search_path = '';"
         "ALTER ROLE app IN DATABASE \"Odd Name\" SET statement_timeout = '5s'");
    const auto expected = description("Odd Name");
    EXPECT_EQ(description(copy_of("Odd Name")), expected);
}

TEST_F(DatabaseTest, ACopyOfAPlainDatabaseHasTheBuiltInPrivileges) {
    cluster_.create_database("plain");
    const auto expected = description("plain");
    EXPECT_EQ(description(copy_of("plain")), expected);
    psql("REVOKE ALL ON DATABASE plain FROM PUBLIC; REVOKE ALL ON DATABASE plain FROM postgres");
    const auto closed = description("plain");
    EXPECT_NE(closed, expected);
    auto server = connect();
    apply_properties(server, copy_name("plain", run), *read_properties(server, "plain"));
    EXPECT_EQ(description(copy_name("plain", run)), closed);
}

TEST_F(DatabaseTest, WhatADumpBringsBackIsTakenAwayAgain) {
    psql("CREATE ROLE app; CREATE ROLE left_long_ago; CREATE ROLE former_owner;"
         "CREATE DATABASE live; REVOKE ALL ON DATABASE live FROM PUBLIC;"
         "GRANT CONNECT ON DATABASE live TO app; ALTER DATABASE live SET work_mem = '8MB'");
    const auto expected = description("live");
    const auto copy = copy_of("live");
    // As the statements of a dump made with --create on an earlier day do.
    psql("ALTER DATABASE " + copy +
         " OWNER TO former_owner;" //
         "GRANT CREATE ON DATABASE " +
         copy +
         " TO left_long_ago WITH GRANT OPTION;"
         "SET SESSION AUTHORIZATION left_long_ago;"
         "GRANT CREATE ON DATABASE " +
         copy +
         " TO app; RESET SESSION AUTHORIZATION;"
         "ALTER DATABASE " +
         copy +
         " SET search_path = '';"
         "ALTER ROLE left_long_ago IN DATABASE " +
         copy +
         " SET work_mem = '1GB';"
         "COMMENT ON DATABASE " +
         copy + " IS 'of old'");
    auto server = connect();
    const auto properties = read_properties(server, "live").value();
    apply_properties(server, copy, properties);
    EXPECT_EQ(description(copy), expected);
    // Of a database that nobody has seen there is nothing to carry: the dump knows best.
    psql("COMMENT ON DATABASE " + copy + " IS 'of old'");
    const auto of_the_dump = description(copy);
    apply_properties(server, copy, DatabaseProperties{});
    EXPECT_EQ(description(copy), of_the_dump);
}

TEST_F(DatabaseTest, PrivilegesOfADumpGiveWayToTheBuiltInOnes) {
    cluster_.create_database("live");
    const auto copy = copy_of("live");
    psql("CREATE ROLE left_long_ago; REVOKE ALL ON DATABASE " + copy +
         " FROM PUBLIC;"
         "GRANT ALL ON DATABASE " +
         copy + " TO left_long_ago");
    auto server = connect();
    apply_properties(server, copy, read_properties(server, "live").value());
    const auto effective = [this](const std::string& name) {
        return psql("SELECT array_agg(a::text ORDER BY a::text) FROM pg_database d, "
                    "aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a "
                    "WHERE d.datname = '" +
                    name + "'");
    };
    EXPECT_EQ(effective(copy), effective("live"));
}

TEST_F(DatabaseTest, ThatAnInterruptedDropHasLeftIsDropped) {
    cluster_.create_database("shop");
    const auto name = copy_of("shop");
    psql("UPDATE pg_database SET datconnlimit = -2 WHERE datname = '" + name + "'");
    const auto probe =
        probe_server(target_of(cluster_.database(name)), std::chrono::seconds(10), {});
    EXPECT_EQ(probe.state, ServerProbe::State::closed_database) << probe.evidence;
    EXPECT_NE(probe.hint.find("DROP DATABASE"), std::string::npos) << probe.hint;
    auto server = connect();
    drop_database_of_run(server, find_database(server, name).value());
    EXPECT_EQ(find_database(server, name), std::nullopt);
}

TEST_F(DatabaseTest, IsFoundByNameAndByOid) {
    auto server = connect();
    EXPECT_EQ(find_database(server, "none"), std::nullopt);
    EXPECT_FALSE(read_properties(server, "none").has_value());
    const auto oid = find_database(server, "postgres");
    ASSERT_TRUE(oid.has_value());
    EXPECT_EQ(database_name(server, *oid), "postgres");
    EXPECT_EQ(database_name(server, 1), "template1");
    EXPECT_EQ(database_name(server, 4'000'000'000), std::nullopt);
}

TEST_F(DatabaseTest, OfARunIsDroppedWithItsSessionsAndSubscriptions) {
    cluster_.create_database("shop");
    const auto name = copy_of("shop");
    psql("CREATE TABLE t (i int); CREATE SUBSCRIPTION s CONNECTION 'host=/nowhere dbname=x' "
         "PUBLICATION p WITH (connect = false)",
         name);
    psql("ALTER DATABASE " + name + " IS_TEMPLATE true");
    auto client = connect(name);
    auto server = connect();
    const auto oid = find_database(server, name).value();
    const auto made = databases_made_by_runs(server);
    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(made.front().oid, oid);
    EXPECT_EQ(made.front().name, name);
    drop_database_of_run(server, oid);
    EXPECT_EQ(find_database(server, name), std::nullopt);
    EXPECT_THROW(client.exec("SELECT 1"), Error);
    drop_database_of_run(server, oid); // it is gone: nothing to do
    EXPECT_TRUE(databases_made_by_runs(server).empty());
}

TEST_F(DatabaseTest, OfAPersonIsNeverDropped) {
    cluster_.create_database("shop");
    auto server = connect();
    const auto oid = find_database(server, "shop").value();
    try {
        drop_database_of_run(server, oid);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::refused);
    }
    EXPECT_EQ(find_database(server, "shop"), oid);
}

TEST_F(DatabaseTest, TellsItsPreparedTransactions) {
    PostgresCluster cluster({.initdb = {}, .settings = {{"max_prepared_transactions", "2"}}});
    auto server = Connection::open(target_of(cluster.database("postgres")), {}, {});
    const auto oid = find_database(server, "postgres").value();
    EXPECT_TRUE(prepared_transactions(server, oid).empty());
    cluster.psql("postgres", "BEGIN; CREATE TABLE t (); PREPARE TRANSACTION 'half'");
    EXPECT_EQ(prepared_transactions(server, oid), std::vector<std::string>{"half"});
    EXPECT_TRUE(prepared_transactions(server, 1).empty());
}

TEST_F(DatabaseTest, TellsItsLogicalSlots) {
    PostgresCluster cluster({.initdb = {}, .settings = {{"wal_level", "logical"}}});
    cluster.psql("postgres", "SELECT pg_create_logical_replication_slot('feed', 'pgoutput')");
    auto server = Connection::open(target_of(cluster.database("postgres")), {}, {});
    const auto oid = find_database(server, "postgres").value();
    EXPECT_EQ(logical_slots(server, oid), std::vector<std::string>{"feed"});
    EXPECT_TRUE(logical_slots(server, 1).empty());
}

TEST_F(DatabaseTest, AdvisoryLockOfADeadRunIsTakenOver) {
    auto dead = connect();
    take_advisory_lock(dead, "shop");
    auto another_target = connect();
    take_advisory_lock(another_target, "other");
    auto ours = connect();
    take_advisory_lock(ours, "shop");
    EXPECT_THROW(dead.exec("SELECT 1"), Error);
    EXPECT_EQ(another_target.exec("SELECT 1").integer(0, 0), 1);
}

TEST_F(DatabaseTest, AdvisoryLockOfSomebodyElseIsRespected) {
    auto theirs = connect();
    take_advisory_lock(theirs, "shop");
    theirs.exec("SET application_name = 'somebody'");
    auto ours = connect();
    try {
        take_advisory_lock(ours, "shop");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::locked);
    }
    EXPECT_EQ(theirs.exec("SELECT 1").integer(0, 0), 1);
}

} // namespace
} // namespace drctl::postgres
