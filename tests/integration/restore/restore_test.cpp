// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/restore.hpp"

#include "postgres/connection.hpp"
#include "postgres/requirements.hpp"
#include "support/postgres_cluster.hpp"
#include "system/byte_source.hpp"
#include "system/digest.hpp"
#include "system/program_source.hpp"

#include <csignal>
#include <fmt/core.h>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace drctl::postgres::restore {
namespace {

using test::PostgresCluster;
using testing::HasSubstr;
using testing::Not;

/// A server of its own for each test: what they do to it differs too much.
class RestoreTest : public testing::Test {
  protected:
    RestoreTest() { cluster_.create_database("side", {"-T", "template0"}); }

    [[nodiscard]] Target side() const { return target_of(cluster_.database("side")); }

    fs::path write(const std::string& sql) const {
        const auto path = cluster_.root() / "dump.sql";
        system::write_file_atomically(path, "-- PostgreSQL database dump\nSET search_path = '';\n" +
                                                sql + "-- PostgreSQL database dump complete\n");
        return path;
    }

    RestoreResult restore(const fs::path& path, system::StopToken stop = {},
                          const ProgressSink& progress = {}) const {
        system::FileSource source(path, {}, {});
        const auto outline = dump::outline_of(source);
        return restore_plain(side(), path, outline, {2, {}, {}}, progress, stop);
    }

    Error error_of(const std::string& sql) const {
        try {
            restore(write(sql));
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "no error";
        return {ErrorCode::bug, ""};
    }

    PostgresCluster cluster_;
};

TEST_F(RestoreTest, CountsRowsAndDigestsTheFile) {
    const auto path = write("CREATE TABLE public.t (a int);\n"
                            "COPY public.t (a) FROM stdin;\n1\n2\n\\N\n\\.\n\n");
    const auto result = restore(path);
    EXPECT_EQ(result.digest, system::sha256_of_file(path));
    EXPECT_EQ(result.rows, 3U);
    ASSERT_EQ(result.tables.size(), 1U);
    EXPECT_EQ(result.tables[0].table, "public.t");
    EXPECT_EQ(cluster_.psql("side", "SELECT count(*) FROM t"), "3");
}

TEST_F(RestoreTest, NamesTheLineOfABadRowAndNotItsData) {
    const auto error = error_of("CREATE TABLE public.t (a int);\n"
                                "COPY public.t (a) FROM stdin;\n1\n2\nsecret\n\\.\n");
    EXPECT_EQ(error.code(), ErrorCode::failed);
    EXPECT_EQ(error.context_value("line"), "7");
    EXPECT_THAT(error.message(), HasSubstr("line 7 (COPY public.t)"));
    EXPECT_THAT(error.message(), Not(HasSubstr("secret")));
    for (const auto& [key, value] : error.context()) {
        EXPECT_THAT(value, Not(HasSubstr("secret"))) << key;
    }
}

TEST_F(RestoreTest, NamesTheLineOfABadInsertAmongMany) {
    const auto error = error_of("CREATE TABLE public.t (a int);\n"
                                "INSERT INTO public.t VALUES (1);\n"
                                "INSERT INTO public.t VALUES (2);\n"
                                "INSERT INTO public.t VALUES ('secret');\n");
    EXPECT_EQ(error.context_value("line"), "6");
    EXPECT_THAT(error.message(), Not(HasSubstr("secret")));
}

TEST_F(RestoreTest, NamesAnIndexThatWasStartedEarly) {
    const auto error = error_of("CREATE TABLE public.t (a int);\n"
                                "COPY public.t (a) FROM stdin;\n7\n7\n\\.\n"
                                "CREATE UNIQUE INDEX i ON public.t USING btree (a);\n");
    EXPECT_EQ(error.context_value("line"), "8");
    EXPECT_EQ(error.context_value("sqlstate"), "23505");
    EXPECT_THAT(error.message(), HasSubstr("CREATE INDEX i"));
}

TEST_F(RestoreTest, FindsRowsWithoutTheirReferencedOnes) {
    const auto error =
        error_of("CREATE TABLE public.a (id int);\nCREATE TABLE public.b (id int);\n"
                 "COPY public.a (id) FROM stdin;\n1\n\\.\nCOPY public.b (id) FROM stdin;\n2\n\\.\n"
                 "ALTER TABLE ONLY public.a\n    ADD CONSTRAINT a_key PRIMARY KEY (id);\n"
                 "CREATE INDEX b_id ON public.b USING btree (id);\n"
                 "ALTER TABLE ONLY public.b\n    ADD CONSTRAINT b_a FOREIGN KEY (id) REFERENCES "
                 "public.a(id);\n");
    EXPECT_EQ(error.context_value("sqlstate"), "23503");
    EXPECT_THAT(error.message(), HasSubstr("b_a"));
}

TEST_F(RestoreTest, LeavesForeignKeysAsTheDumpDeclaresThem) {
    restore(write("CREATE TABLE public.a (id int);\nCREATE TABLE public.b (id int);\n"
                  "COPY public.a (id) FROM stdin;\n1\n\\.\nCOPY public.b (id) FROM stdin;\n1\n\\.\n"
                  "ALTER TABLE ONLY public.a\n    ADD CONSTRAINT a_key PRIMARY KEY (id);\n"
                  "ALTER TABLE ONLY public.b\n    ADD CONSTRAINT checked FOREIGN KEY (id) "
                  "REFERENCES public.a(id);\n"
                  "ALTER TABLE ONLY public.b\n    ADD CONSTRAINT unchecked FOREIGN KEY (id) "
                  "REFERENCES public.a(id) NOT VALID;\n"));
    EXPECT_EQ(cluster_.psql("side", "SELECT conname, convalidated FROM pg_constraint WHERE "
                                    "contype = 'f' ORDER BY 1"),
              "checked|t\nunchecked|f");
}

TEST_F(RestoreTest, GoesPastWhatPsqlGoesPastAndCountsIt) {
    const auto result = restore(write("SET no_such_parameter = 1;\n"
                                      "DROP TABLE public.t;\nDROP SCHEMA nothing;\n"
                                      "CREATE TABLE public.t (a int);\n"));
    ASSERT_EQ(result.tolerated.size(), 3U);
    EXPECT_EQ(result.tolerated[0].why, Tolerated::Why::unknown_setting);
    EXPECT_EQ(result.tolerated[1].why, Tolerated::Why::clean_drop);
    EXPECT_EQ(result.tolerated[1].line, 4U);
    EXPECT_EQ(result.tolerated[1].what, "DROP TABLE public.t");
}

TEST_F(RestoreTest, NeedsTheLocalesOfItsCollations) {
    auto server = Connection::open(side(), {}, {});
    dump::Outline dump;
    dump.needs.locales = {"C", "C.UTF-8", "xx_XX.utf8"};
    dump.needs.icu_locales = {"de-u-co-phonebk"};
    const auto before = server.exec("SHOW lc_monetary").string(0, 0);
    EXPECT_EQ(missing_requirements(server, dump), std::vector<std::string>{"locale xx_XX.utf8"});
    EXPECT_EQ(server.exec("SHOW lc_monetary").string(0, 0), before);
}

TEST_F(RestoreTest, TakesADumpOfOneSchema) {
    cluster_.create_database("source");
    cluster_.psql("source", "CREATE TABLE t AS SELECT 1 AS a");
    const auto path = cluster_.root() / "schema.sql";
    cluster_.dump("source", path, {"--schema=public"});
    const auto result = restore(path);
    EXPECT_EQ(cluster_.psql("side", "SELECT a FROM t"), "1");
    ASSERT_EQ(result.tolerated.size(), 1U);
    EXPECT_EQ(result.tolerated[0].why, Tolerated::Why::schema_exists);
    EXPECT_EQ(result.tolerated[0].what, "CREATE SCHEMA public");
}

/// Nothing but tables with keys: no statement that waits for everything stands behind the rows.
TEST_F(RestoreTest, CollectsStatisticsOfEveryTable) {
    cluster_.create_database("source");
    constexpr int tables = 40;
    std::string sql = "ALTER SYSTEM SET autovacuum = off;\n";
    for (int i = 0; i < tables; ++i) {
        sql += fmt::format("CREATE TABLE t{0} AS SELECT generate_series(1, 10000) AS id;\n"
                           "ALTER TABLE t{0} ADD PRIMARY KEY (id);\n",
                           i);
        if (i > 0) {
            sql += fmt::format("ALTER TABLE t{} ADD FOREIGN KEY (id) REFERENCES t{};\n", i, i - 1);
        }
    }
    cluster_.psql("source", sql + "SELECT pg_reload_conf();");
    const auto path = cluster_.root() / "keys.sql";
    cluster_.dump("source", path);
    restore(path);
    EXPECT_EQ(cluster_.psql("side", "SELECT count(DISTINCT tablename) FROM pg_stats "
                                    "WHERE schemaname = 'public'"),
              std::to_string(tables));
}

TEST_F(RestoreTest, StopsAtADropThatComesLater) {
    EXPECT_EQ(error_of("CREATE TABLE public.t (a int);\nDROP TABLE public.nothing;\n")
                  .context_value("line"),
              "4");
}

TEST_F(RestoreTest, NeverRunsStatementsOnTheLiveDatabase) {
    cluster_.create_database("live");
    restore(write("CREATE DATABASE live WITH TEMPLATE = template0;\n"
                  "ALTER DATABASE live OWNER TO postgres;\n"
                  "COMMENT ON DATABASE live IS 'of the dump';\n"
                  "ALTER DATABASE live SET work_mem TO '7MB';\n\\connect live\n"
                  "CREATE TABLE public.t (a int);\n"));
    const std::string comments = "SELECT d.datname, shobj_description(d.oid, 'pg_database') "
                                 "FROM pg_database d WHERE datname IN ('live', 'side') ORDER BY 1";
    EXPECT_EQ(cluster_.psql("postgres", comments), "live|\nside|of the dump");
    EXPECT_EQ(cluster_.psql("live", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"),
              "0");
}

TEST_F(RestoreTest, FiresNoEventTrigger) {
    restore(write("CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS "
                  "$$BEGIN RAISE EXCEPTION 'fired'; END$$;\n"
                  "CREATE TABLE public.t (a int);\nCREATE MATERIALIZED VIEW public.m AS SELECT a "
                  "FROM public.t WITH NO DATA;\n"
                  "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION public.f();\n"
                  "ALTER EVENT TRIGGER e ENABLE ALWAYS;\n"
                  "REFRESH MATERIALIZED VIEW public.m;\n"));
    EXPECT_EQ(cluster_.psql("side", "SELECT evtenabled FROM pg_event_trigger"), "A");
    EXPECT_EQ(cluster_.psql("side", "SELECT relispopulated FROM pg_class WHERE relname = 'm'"),
              "t");
}

TEST_F(RestoreTest, LeavesSubscriptionsDisabledAndReportsThem) {
    const auto result = restore(
        write("CREATE SUBSCRIPTION s CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect "
              "= false, slot_name = 's');\n"));
    EXPECT_THAT(result.subscriptions, testing::ElementsAre("s"));
    EXPECT_EQ(cluster_.psql("side", "SELECT subenabled FROM pg_subscription"), "f");
    EXPECT_EQ(error_of("CREATE SUBSCRIPTION u CONNECTION 'dbname=nowhere' PUBLICATION p;\n").code(),
              ErrorCode::refused);
}

TEST_F(RestoreTest, KeepsRowsThatAnExtensionBrought) {
    // As an extension's configuration table: rows are there before the dump adds its own.
    cluster_.psql("side", "CREATE TABLE public.c AS SELECT generate_series(1, 5) AS a");
    std::string rows;
    for (int i = 0; i < 100'000; ++i) {
        rows += std::to_string(i) + "\n";
    }
    restore(write("COPY public.c (a) FROM stdin;\n" + rows + "\\.\n"));
    EXPECT_EQ(cluster_.psql("side", "SELECT count(*) FROM c"), "100005");
}

/// A table that is large enough to be frozen, and one row that is larger than a chunk.
std::string large_table() {
    std::string sql = "CREATE TABLE public.t (a int, b text);\nCOPY public.t (a, b) FROM stdin;\n";
    for (int i = 0; i < 200'000; ++i) {
        sql += std::to_string(i) + "\t" + std::string(60, 'x') + "\n";
    }
    sql += "-1\t" + std::string(std::size_t{9} << 20, 'y') + "\n\\.\n";
    return sql + "CREATE INDEX i ON public.t USING btree (a);\n";
}

TEST_F(RestoreTest, LoadsRowsThatAreBornFrozen) {
    restore(write(large_table()));
    EXPECT_EQ(cluster_.psql("side", "SELECT count(*), max(length(b)) FROM t"), "200001|9437184");
    EXPECT_EQ(cluster_.psql("side", "SELECT relallvisible = relpages FROM pg_class WHERE "
                                    "relname = 't'"),
              "t");
}

TEST_F(RestoreTest, StopsWithinASecondAndLeavesNoSession) {
    const auto path = write(large_table());
    system::StopSource stop;
    std::chrono::steady_clock::time_point asked;
    const auto progress = [&](const engine::Progress&) {
        if (!stop.token().stop_requested()) {
            asked = std::chrono::steady_clock::now();
            stop.request(SIGINT);
        }
    };
    try {
        restore(path, stop.token(), progress);
        FAIL() << "not interrupted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::interrupted);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(5));
    EXPECT_EQ(cluster_.psql("postgres", "SELECT count(*) FROM pg_stat_activity WHERE "
                                        "datname = 'side' AND state = 'active'"),
              "0");
}

/// pg_dump writes tables by name, so psql finds the rows that the check looks up. `pg_restore
/// --jobs` loads both tables at once, and fails.
TEST_F(RestoreTest, RestoresArchivesWhoseChecksReadOtherTables) {
    cluster_.create_database("source");
    cluster_.psql("source",
                  "CREATE TABLE a_known (id int); "
                  "INSERT INTO a_known SELECT generate_series(1, 300000); "
                  "CREATE FUNCTION is_known(i int) RETURNS boolean LANGUAGE sql IMMUTABLE AS "
                  "$$SELECT EXISTS (SELECT FROM public.a_known WHERE id = i)$$; "
                  "CREATE TABLE z_looks (id int CHECK (is_known(id))); "
                  "INSERT INTO z_looks VALUES (1), (299999)");
    for (const auto* format : {"custom", "tar", "directory"}) {
        SCOPED_TRACE(format);
        const auto archive = cluster_.root() / format;
        cluster_.dump("source", archive, {std::string("--format=") + format});
        cluster_.psql("postgres", "DROP DATABASE side");
        cluster_.create_database("side", {"-T", "template0"});
        const auto pg_restore = PostgresCluster::bin_dir() / "pg_restore";
        system::ProgramSource text({pg_restore.string(), "-f", "-", archive.string()}, {});
        const auto outline = dump::outline_of(text);
        const auto result =
            restore_archive(side(), archive, outline, {2, {}, PostgresCluster::bin_dir()}, {}, {});
        EXPECT_EQ(result.rows, 300002U);
        EXPECT_EQ(result.digest, fs::is_directory(archive) ? "" : system::sha256_of_file(archive));
        EXPECT_EQ(cluster_.psql("side", "SELECT count(*) FROM z_looks"), "2");
    }
}

TEST_F(RestoreTest, TellsThatTheServerWentAway) {
    const auto path = write(large_table());
    bool stopped = false;
    const auto progress = [&](const engine::Progress&) {
        if (!stopped) {
            stopped = true;
            cluster_.stop("immediate");
        }
    };
    try {
        restore(path, {}, progress);
        FAIL() << "restored without a server";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::failed) << error.message();
        EXPECT_THAT(error.hint(), Not(testing::IsEmpty()));
    }
}

} // namespace
} // namespace drctl::postgres::restore
