// SPDX-License-Identifier: Apache-2.0
#include "postgres/connection.hpp"

#include "postgres/connect_failure.hpp"
#include "postgres/copy_in.hpp"
#include "support/postgres_cluster.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <future>
#include <thread>

namespace drctl::postgres {
namespace {

using test::PostgresCluster;
using Kind = ConnectFailure::Kind;

/// One server for all tests of this file: none changes more than tables of its own.
class ConnectionTest : public testing::Test {
  public:
    static void SetUpTestSuite() { cluster_ = new PostgresCluster; }
    static void TearDownTestSuite() {
        delete cluster_;
        cluster_ = nullptr;
    }

  protected:
    static Target target(const std::string& dbname = "postgres") {
        return target_of(cluster_->database(dbname));
    }
    static Connection open(const Session& session = {}, system::StopToken stop = {}) {
        return Connection::open(target(), session, stop);
    }
    static Error error_of(const std::function<void()>& action) {
        try {
            action();
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "no error";
        return Error(ErrorCode::bug, "");
    }
    static PostgresCluster* cluster_; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
};

PostgresCluster* ConnectionTest::cluster_ = nullptr;

TEST_F(ConnectionTest, ReturnsTypedValues) {
    auto connection = open();
    const auto result =
        connection.exec("SELECT $1::int8 - 1, $2::text IS NULL, 'ä'::text, 4294967295::oid",
                        {"9223372036854775807", std::nullopt});
    ASSERT_EQ(result.rows(), 1);
    EXPECT_EQ(result.columns(), 4);
    EXPECT_EQ(result.integer(0, 0), 9223372036854775806);
    EXPECT_TRUE(result.boolean(0, 1));
    EXPECT_EQ(result.text(0, 2), "ä");
    EXPECT_EQ(result.oid(0, 3), 4294967295U);
    EXPECT_EQ(error_of([&] { static_cast<void>(result.integer(0, 2)); }).code(), ErrorCode::bug);
    EXPECT_EQ(error_of([&] { static_cast<void>(result.text(1, 0)); }).code(), ErrorCode::bug);
    const auto null = connection.exec("SELECT NULL");
    EXPECT_EQ(null.optional_string(0, 0), std::nullopt);
    EXPECT_EQ(error_of([&] { static_cast<void>(null.text(0, 0)); }).code(), ErrorCode::bug);
}

TEST_F(ConnectionTest, SetsItsOwnLimitsWhateverRoleAndDatabaseSay) {
    cluster_->psql("postgres", "CREATE DATABASE odd;"
                               "ALTER DATABASE odd SET default_transaction_read_only = on;"
                               "ALTER DATABASE odd SET search_path = nowhere;"
                               "ALTER DATABASE odd SET statement_timeout = 1;"
                               "ALTER DATABASE odd SET idle_session_timeout = '1min';"
                               "ALTER DATABASE odd SET lc_messages = 'POSIX';"
                               "CREATE ROLE bent; ALTER DATABASE odd SET role = 'bent'");
    Session session;
    session.statement_timeout = std::chrono::milliseconds(70'000);
    session.lock_timeout = std::chrono::milliseconds(2'000);
    auto connection = Connection::open(target("odd"), session, {});
    const auto show = [&connection](const std::string& name) {
        return connection.exec("SHOW " + name).string(0, 0);
    };
    EXPECT_EQ(show("synchronous_commit"), "local");
    EXPECT_EQ(show("default_transaction_read_only"), "off");
    EXPECT_EQ(show("statement_timeout"), "70s");
    EXPECT_EQ(show("lock_timeout"), "2s");
    EXPECT_EQ(show("idle_in_transaction_session_timeout"), "10min");
    EXPECT_EQ(show("idle_session_timeout"), "0");
    EXPECT_EQ(show("lc_messages"), "C");
    EXPECT_EQ(show("role"), "none");
    EXPECT_EQ(show("search_path"), "pg_catalog");
    EXPECT_EQ(show("application_name"), "drctl");
    EXPECT_EQ(show("client_encoding"), "UTF8");
    session.own_role = false;
    auto users = Connection::open(target("odd"), session, {});
    EXPECT_EQ(users.exec("SELECT current_user").text(0, 0), "bent");
}

TEST_F(ConnectionTest, SetsOnlyWhatItsRoleMaySet) {
    cluster_->psql("postgres", "CREATE ROLE weak LOGIN;"
                               "ALTER ROLE weak SET idle_session_timeout = '1min'");
    auto as_weak = target();
    as_weak.conninfo += " user=weak";
    auto connection = Connection::open(as_weak, {}, {});
    EXPECT_EQ(connection.exec("SELECT current_user").text(0, 0), "weak");
    EXPECT_EQ(connection.exec("SHOW idle_session_timeout").text(0, 0), "0");
    EXPECT_NE(connection.exec("SHOW lc_messages").text(0, 0), "C");
}

TEST_F(ConnectionTest, LeavesTheSearchPathAloneForUsersQueries) {
    Session session;
    session.search_path.reset();
    auto connection = open(session);
    EXPECT_EQ(connection.exec("SHOW search_path").text(0, 0), "\"$user\", public");
}

TEST_F(ConnectionTest, ErrorsNameSqlstateAndObjectButNoRowData) {
    auto connection = open();
    connection.exec("CREATE TABLE public.guarded (secret text CONSTRAINT short CHECK "
                    "(length(secret) < 3), n int UNIQUE)");
    const auto check = error_of([&] {
        connection.exec_for("load rows", "INSERT INTO public.guarded VALUES ('hunter22')");
    });
    EXPECT_EQ(check.code(), ErrorCode::failed);
    EXPECT_EQ(check.context_value("sqlstate"), "23514");
    EXPECT_EQ(check.context_value("severity"), "ERROR");
    EXPECT_EQ(check.context_value("object"), "public.guarded.short");
    EXPECT_EQ(check.message().find("cannot load rows: "), 0U) << check.message();

    const auto syntax = error_of([&] { connection.exec("INSERT hunter22 INTO x"); });
    EXPECT_EQ(syntax.context_value("sqlstate"), "42601");
    EXPECT_EQ(syntax.context_value("position"), "8");
    const auto value = error_of([&] { connection.exec("SELECT 'hunter22'::int"); });
    EXPECT_EQ(value.context_value("server_says"), "ERROR: invalid_text_representation");
    const auto raised =
        error_of([&] { connection.exec("DO $$ BEGIN RAISE EXCEPTION 'hunter22'; END $$"); });
    for (const auto& error : {check, syntax, value, raised}) {
        EXPECT_EQ(error.message().find("hunter22"), std::string::npos) << error.message();
        for (const auto& [key, text] : error.context()) {
            EXPECT_EQ(text.find("hunter22"), std::string::npos) << key;
        }
    }
    EXPECT_TRUE(connection.usable());
    EXPECT_EQ(connection.exec("SELECT 1").integer(0, 0), 1);
}

TEST_F(ConnectionTest, QuotesNamesAndValues) {
    auto connection = open();
    EXPECT_EQ(connection.identifier("a\"b"), "\"a\"\"b\"");
    EXPECT_EQ(connection.exec("SELECT " + connection.literal("it's \\ here")).text(0, 0),
              "it's \\ here");
    EXPECT_EQ(error_of([&] { static_cast<void>(connection.identifier("\xff")); }).code(),
              ErrorCode::failed);
}

TEST_F(ConnectionTest, EndsAStatementWhenItsTimeIsOver) {
    Session session;
    session.statement_timeout = std::chrono::milliseconds(50);
    auto connection = open(session);
    const auto error = error_of([&] { connection.exec("SELECT pg_sleep(60)"); });
    EXPECT_EQ(error.code(), ErrorCode::timed_out);
    EXPECT_EQ(error.context_value("sqlstate"), "57014");
    EXPECT_TRUE(connection.usable());
}

TEST_F(ConnectionTest, CancelsAStatementWhenStopIsRequested) {
    system::StopSource source;
    auto connection = open({}, source.token());
    const auto pid = connection.backend_pid();
    auto running = std::async(std::launch::async, [&connection] {
        return error_of([&] { connection.exec("SELECT pg_sleep(600)"); });
    });
    auto watcher = open();
    const auto state = [&watcher, pid] {
        return watcher
            .exec("SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND state = 'active'",
                  {std::to_string(pid)})
            .integer(0, 0);
    };
    while (state() == 0) {
        std::this_thread::yield();
    }
    source.request(SIGTERM);
    EXPECT_EQ(running.get().code(), ErrorCode::interrupted);
    EXPECT_EQ(state(), 0) << "the statement still runs on the server";
    EXPECT_TRUE(connection.usable());
}

TEST_F(ConnectionTest, SaysThatTheConnectionWasLost) {
    auto connection = open();
    open().exec("SELECT pg_terminate_backend($1)", {std::to_string(connection.backend_pid())});
    const auto error = error_of([&] { connection.exec("SELECT pg_sleep(600)"); });
    EXPECT_EQ(error.code(), ErrorCode::unreachable);
    EXPECT_EQ(error.context_value("sqlstate"), "57P01");
    const auto after = error_of([&] { connection.exec("SELECT 1"); });
    EXPECT_EQ(after.context_value("connection"), "lost");
    EXPECT_FALSE(connection.usable());
}

TEST_F(ConnectionTest, StreamsRowsInAndOut) {
    auto connection = open();
    connection.exec("CREATE TABLE public.stream (id int, t text)");
    {
        CopyIn copy(connection, "load", "COPY public.stream FROM stdin");
        std::string rows;
        for (int i = 0; i < 200'000; ++i) {
            rows += std::to_string(i) + "\trow number " + std::to_string(i) + "\n";
        }
        copy.write(std::string_view(rows).substr(0, 1'000'003));
        copy.write(std::string_view(rows).substr(1'000'003));
        EXPECT_EQ(copy.finish(), 200'000U);
    }
    std::uint64_t rows = 0;
    const auto bytes = connection.copy_out("read", "COPY public.stream TO STDOUT",
                                           [&rows](std::string_view) { ++rows; });
    EXPECT_EQ(rows, 200'000U);
    EXPECT_GT(bytes, 200'000U * 10);
    EXPECT_EQ(connection.exec("SELECT count(*) FROM public.stream").integer(0, 0), 200'000);
}

TEST_F(ConnectionTest, ForgetsRowsOfACopyThatWasNotFinished) {
    auto connection = open();
    connection.exec("CREATE TABLE public.unfinished (id int)");
    {
        CopyIn copy(connection, "load", "COPY public.unfinished FROM stdin");
        copy.write("1\n2\n");
    }
    EXPECT_EQ(connection.exec("SELECT count(*) FROM public.unfinished").integer(0, 0), 0);
}

TEST_F(ConnectionTest, TellsWhichRowOfACopyWasRefusedButNotItsValue) {
    auto connection = open();
    connection.exec("CREATE TABLE public.strict (id int)");
    const auto error = error_of([&] {
        CopyIn copy(connection, "load", "COPY public.strict FROM stdin");
        copy.write("1\nhunter22\n3\n");
        copy.finish();
    });
    EXPECT_EQ(error.context_value("sqlstate"), "22P02");
    EXPECT_EQ(error.context_value("copy_line"), "2");
    EXPECT_EQ(error.message().find("hunter22"), std::string::npos);
    EXPECT_EQ(connection.exec("SELECT 1").integer(0, 0), 1);
}

TEST_F(ConnectionTest, RefusesACopyWhereAQueryWasMeant) {
    auto connection = open();
    EXPECT_EQ(error_of([&] { connection.exec("COPY pg_class TO STDOUT"); }).code(), ErrorCode::bug);
    auto other = open();
    EXPECT_EQ(error_of([&] { other.copy_out("read", "SELECT 1"); }).code(), ErrorCode::bug);
}

TEST_F(ConnectionTest, SaysWhyItCannotConnect) {
    const auto kind_of = [](const Target& target) {
        const auto error = error_of([&] { Connection::open(target, {}, {}); });
        EXPECT_NE(error.hint(), "");
        return connect_failure_kind(error);
    };
    const auto missing = error_of([] { Connection::open(target("no_such"), {}, {}); });
    EXPECT_EQ(missing.context_value("sqlstate"), "3D000");
    EXPECT_EQ(kind_of({"host=" + cluster_->root().string() + "/none", "x", {}, ""}), Kind::refused);
    EXPECT_EQ(kind_of({"host=127.0.0.1 port=1", "x", {}, ""}), Kind::refused);
    EXPECT_EQ(kind_of({"host=nowhere.invalid", "x", {}, ""}), Kind::unresolved);
}

TEST_F(ConnectionTest, GivesUpOnAServerThatDoesNotAnswer) {
    // A server that is stopped still accepts connections: the kernel does that for it.
    ::kill(cluster_->postmaster_pid(), SIGSTOP);
    Session session;
    session.connect_timeout = std::chrono::milliseconds(100);
    const auto error = error_of([&] { open(session); });
    ::kill(cluster_->postmaster_pid(), SIGCONT);
    EXPECT_EQ(connect_failure_kind(error), Kind::unresponsive);
    EXPECT_EQ(open().exec("SELECT 1").integer(0, 0), 1);
}

TEST(ConnectionWithPassword, IsNeitherShownNorNeededTwice) {
    PostgresCluster cluster({.initdb = {}, .settings = {}, .tcp = true});
    cluster.psql("postgres", "ALTER ROLE postgres PASSWORD 'hunter22'");
    std::ofstream(cluster.data_dir() / "pg_hba.conf")
        << "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
    cluster.psql("postgres", "SELECT pg_reload_conf()");
    const std::string conninfo = "host=127.0.0.1 user=postgres port=" + cluster.port();
    auto good = Connection::open({conninfo, "postgres", system::Secret("hunter22"), ""}, {}, {});
    EXPECT_EQ(good.exec("SELECT 1").integer(0, 0), 1);
    try {
        Connection::open({conninfo, "postgres", system::Secret("wrong-one"), ""}, {}, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::refused);
        EXPECT_EQ(error.context_value("sqlstate"), "28P01");
        EXPECT_EQ(error.message().find("wrong-one"), std::string::npos);
    }
    try {
        Connection::open({conninfo, "postgres", {}, ""}, {}, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(connect_failure_kind(error), Kind::authentication);
        EXPECT_EQ(error.code(), ErrorCode::refused);
    }
}

TEST(ConnectionAsServerAccount, PassesPeerAuthentication) {
    if (!system::running_as_root()) {
        GTEST_SKIP() << "not root: cannot act as another account";
    }
    PostgresCluster cluster;
    std::ofstream(cluster.data_dir() / "pg_hba.conf") << "local all all peer\n";
    cluster.psql("postgres", "SELECT pg_reload_conf()");
    auto connection = Connection::open(target_of(cluster.database("postgres")), {}, {});
    EXPECT_EQ(connection.exec("SELECT current_user").text(0, 0), "postgres");
    EXPECT_EQ(::geteuid(), 0U);
    Target as_root = target_of(cluster.database("postgres"));
    as_root.os_user.clear();
    try {
        Connection::open(as_root, {}, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.context_value("sqlstate"), "28000");
    }
}

} // namespace
} // namespace drctl::postgres
