// SPDX-License-Identifier: Apache-2.0
#include "postgres/verify.hpp"

#include "postgres/requirements.hpp"
#include "support/postgres_cluster.hpp"
#include "system/byte_source.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <future>
#include <thread>

namespace drctl::postgres {
namespace {

namespace fs = std::filesystem;
using config::Verify;
using test::PostgresCluster;

class VerifyTest : public testing::Test {
  protected:
    VerifyTest() {
        cluster_.create_database("shop");
        psql("CREATE TABLE daos (id int PRIMARY KEY, name text);"
             "INSERT INTO daos SELECT i, repeat(md5(i::text), 20) FROM generate_series(1, 2000) i;"
             "CREATE TABLE empty (); VACUUM (ANALYZE) daos");
    }
    std::string psql(const std::string& sql) const { return cluster_.psql("shop", sql); }
    [[nodiscard]] Target target() const { return target_of(cluster_.database("shop")); }
    static Verify query(const std::string& sql) {
        Verify verify;
        verify.name = "q";
        verify.sql = sql;
        return verify;
    }
    [[nodiscard]] std::optional<Cause> wrong(const Verify& verify) const {
        return run_queries(target(), {verify}, {}).wrong;
    }
    /// Overwrites bytes of a relation's file behind the server's back.
    void destroy(const std::string& relation, std::streamoff offset) {
        const auto file = psql("SELECT pg_relation_filepath('" + relation + "')");
        cluster_.stop();
        std::fstream out(cluster_.data_dir() / file,
                         std::ios::in | std::ios::out | std::ios::binary);
        out.seekp(offset);
        out << std::string(200, 'X');
        out.close();
        cluster_.start();
    }
    PostgresCluster cluster_;
};

TEST_F(VerifyTest, BoundsThatHoldAreTold) {
    auto count = query("SELECT count(d) FROM daos d");
    count.min = 2000;
    count.max = 2000;
    auto text = query("SELECT 'as is'");
    text.equals = "as is";
    auto fraction = query("SELECT 1999.9");
    fraction.min = 1999;
    const auto found = run_queries(target(), {count, text, fraction, query("SELECT 1")}, {});
    EXPECT_FALSE(found.wrong.has_value());
    EXPECT_EQ(found.good,
              (std::vector<std::string>{"q: at least 2000, at most 2000", "q: exactly as is",
                                        "q: at least 1999", "q: runs"}));
}

TEST_F(VerifyTest, ABoundThatDoesNotHoldIsEvidenceOfDamage) {
    auto few = query("SELECT count(d) FROM daos d");
    few.min = 2001;
    auto many = query("SELECT count(d) FROM daos d");
    many.max = 1999;
    auto other = query("SELECT NULL");
    other.equals = "x";
    for (const auto& each : {few, many, other}) {
        const auto cause = wrong(each);
        ASSERT_TRUE(cause.has_value());
        EXPECT_EQ(cause->scope, DamageScope::database) << cause->words;
    }
}

TEST_F(VerifyTest, AQueryThatCannotBeJudgedIsNone) {
    auto no_row = query("SELECT 1 WHERE false");
    auto no_number = query("SELECT 'many'");
    no_number.min = 1;
    auto null = query("SELECT NULL");
    null.min = 1;
    auto not_a_number = query("SELECT 'NaN'::float8");
    not_a_number.min = 1;
    not_a_number.max = 2;
    const auto typo = query("SELEC 1");
    const auto mistake = query("SELECT x.id FROM daos d");
    const auto slow = query("SET statement_timeout = 1; SELECT pg_sleep(60)");
    for (const auto& each : {no_row, no_number, null, not_a_number, typo, mistake, slow}) {
        const auto cause = wrong(each);
        ASSERT_TRUE(cause.has_value()) << each.sql;
        EXPECT_FALSE(cause->is_damage()) << each.sql << ": " << cause->words;
        EXPECT_NE(cause->hint, "") << each.sql;
    }
}

TEST_F(VerifyTest, ATableIsLostOnlyIfTheCatalogueHasNoneOfThatName) {
    const auto gone = wrong(query("SELECT count(*) FROM gone"));
    ASSERT_TRUE(gone.has_value());
    EXPECT_EQ(gone->scope, DamageScope::database);
    psql("CREATE SCHEMA hidden; CREATE TABLE hidden.elsewhere ()");
    const auto elsewhere = wrong(query("SELECT count(*) FROM elsewhere"));
    ASSERT_TRUE(elsewhere.has_value());
    EXPECT_FALSE(elsewhere->is_damage()) << elsewhere->words;
    EXPECT_NE(elsewhere->words.find("hidden"), std::string::npos);
}

TEST_F(VerifyTest, AQueryIsAlsoRunAsTheApplicationsRole) {
    psql("CREATE ROLE app");
    auto as_app = query("SELECT count(d) FROM daos d");
    as_app.min = 1;
    as_app.role = "app";
    const auto cause = wrong(as_app);
    ASSERT_TRUE(cause.has_value());
    EXPECT_EQ(cause->kind, Cause::Kind::privilege);
    psql("GRANT SELECT ON daos TO app");
    // What follows runs as ourselves again.
    EXPECT_FALSE(run_queries(target(), {as_app, query("SELECT * FROM pg_authid")}, {}).wrong);
}

TEST_F(VerifyTest, RowsThatOnlyAnotherRoleDoesNotSeeAreNotLost) {
    psql(
        "CREATE ROLE app; GRANT SELECT ON daos TO app; ALTER TABLE daos ENABLE ROW LEVEL SECURITY");
    auto count = query("SELECT count(d) FROM daos d");
    count.min = 1;
    auto as_app = count;
    as_app.role = "app";
    const auto expect_not_judged = [this](const Verify& verify) {
        const auto cause = wrong(verify);
        ASSERT_TRUE(cause.has_value());
        EXPECT_FALSE(cause->is_damage()) << cause->words;
        EXPECT_NE(cause->words.find("role 'app' sees other rows"), std::string::npos)
            << cause->words;
        EXPECT_NE(cause->hint, "");
    };
    EXPECT_FALSE(wrong(count).has_value());
    expect_not_judged(as_app);
    // Also where a setting of the database makes every session that role.
    psql("ALTER DATABASE shop SET role = 'app'");
    expect_not_judged(count);
    psql("SET ROLE none; TRUNCATE daos");
    ASSERT_TRUE(wrong(count).has_value());
    EXPECT_EQ(wrong(count)->scope, DamageScope::database) << "they are lost to everybody";
}

TEST_F(VerifyTest, EveryRowIsReadAsTheRoleThatLogsIn) {
    psql("CREATE ROLE app; ALTER DATABASE shop SET role = 'app'");
    const auto read = read_every_row(target(), 1, {});
    EXPECT_FALSE(read.wrong.has_value()) << read.wrong->words;
}

TEST_F(VerifyTest, ATableThatIsDroppedMeanwhileIsPassedOver) {
    psql("CREATE TABLE passing AS SELECT 1 AS i;"
         "CREATE SCHEMA passing; CREATE TABLE passing.too AS SELECT 1 AS i");
    const auto all = read_every_row(target(), 1, {}).good;
    // The largest is read first, and waits for this lock.
    auto holder = Connection::open(target(), {}, {});
    holder.exec("BEGIN; LOCK TABLE public.daos");
    auto reading =
        std::async(std::launch::async, [this] { return read_every_row(target(), 1, {}); });
    while (holder.exec("SELECT count(*) FROM pg_locks WHERE NOT granted").integer(0, 0) == 0) {
        std::this_thread::yield();
    }
    psql("DROP TABLE passing; DROP SCHEMA passing CASCADE");
    holder.exec("COMMIT");
    const auto found = reading.get();
    EXPECT_FALSE(found.wrong.has_value()) << found.wrong->words;
    EXPECT_NE(found.good, all) << "two tables less";
}

TEST_F(VerifyTest, DestroyedRowsAreSeenAlthoughAnIndexStillAnswers) {
    destroy("daos", 8192 * 3 + 100);
    EXPECT_EQ(psql("SET enable_seqscan = off; SELECT count(*) FROM daos"), "2000");
    const auto cause = wrong(query("SELECT count(d) FROM daos d"));
    ASSERT_TRUE(cause.has_value());
    EXPECT_EQ(cause->kind, Cause::Kind::data_corrupted);
    EXPECT_EQ(cause->scope, DamageScope::database);
    EXPECT_TRUE(cause->file.starts_with("base/")) << cause->file;
}

TEST_F(VerifyTest, EveryRowIsReadToItsLastByte) {
    psql("CREATE TABLE wide AS SELECT i, (SELECT string_agg(md5((i * j)::text), '') FROM "
         "generate_series(1, 500) j) AS t FROM generate_series(1, 20) i");
    const auto whole = read_every_row(target(), 2, {});
    EXPECT_FALSE(whole.wrong.has_value()) << whole.wrong->words;
    ASSERT_EQ(whole.good.size(), 1U);
    destroy(psql("SELECT reltoastrelid::regclass FROM pg_class WHERE relname = 'wide'"),
            8192 + 300);
    EXPECT_FALSE(wrong(query("SELECT count(w.i) FROM wide w"))) << "no query looks at TOAST";
    const auto damaged = read_every_row(target(), 2, {});
    ASSERT_TRUE(damaged.wrong.has_value());
    EXPECT_EQ(damaged.wrong->scope, DamageScope::database) << damaged.wrong->words;
}

TEST_F(VerifyTest, AStopEndsTheReading) {
    system::StopSource source;
    source.request(SIGTERM);
    EXPECT_THROW(read_every_row(target(), 2, source.token()), Error);
}

TEST_F(VerifyTest, ADatabaseOfBytesIsReadAndComparedAsItLies) {
    cluster_.create_database("bytes",
                             {"--encoding=SQL_ASCII", "--locale=C", "--template=template0"});
    cluster_.psql("bytes", "DO $$ BEGIN EXECUTE format('CREATE TABLE %I AS SELECT %L::text AS t', "
                           "E'gr\\374n', E'caf\\351'); END $$");
    const auto target = target_of(cluster_.database("bytes"));
    const auto read = read_every_row(target, 1, {});
    EXPECT_FALSE(read.wrong.has_value()) << read.wrong->words;
    const auto file = cluster_.root() / "bytes.sql";
    cluster_.dump("bytes", file, {"--encoding=SQL_ASCII"});
    system::FileSource source(file, {}, {});
    const auto outline = dump::outline_of(source);
    const auto same = compare_with_dump(target, outline, {});
    EXPECT_FALSE(same.wrong.has_value()) << same.wrong->words;
    cluster_.psql("bytes", "DO $$ BEGIN EXECUTE format('DELETE FROM %I', E'gr\\374n'); END $$");
    const auto other = compare_with_dump(target, outline, {});
    ASSERT_TRUE(other.wrong.has_value());
    EXPECT_NE(other.wrong->words.find("gr?n"), std::string::npos) << other.wrong->words;
}

class CompareWithDumpTest : public VerifyTest {
  protected:
    CompareWithDumpTest() {
        psql("CREATE SEQUENCE numbers; SELECT setval('numbers', 42);"
             "CREATE TABLE \"Parts\" (i int) PARTITION BY RANGE (i);"
             "CREATE TABLE \"Parts_1\" PARTITION OF \"Parts\" FOR VALUES FROM (0) TO (10);"
             "CREATE TABLE parent (i int); CREATE TABLE child () INHERITS (parent);"
             "INSERT INTO \"Parts\" SELECT generate_series(0, 9);"
             "INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2), (3);"
             "ALTER TABLE parent ADD CONSTRAINT late CHECK (i > 0) NOT VALID;"
             "CREATE EXTENSION pgcrypto; CREATE TABLE \"größe\" AS SELECT 1 AS i");
    }
    dump::Outline outline(const std::vector<std::string>& arguments = {}) {
        const auto file = cluster_.root() / "shop.sql";
        cluster_.dump("shop", file, arguments);
        system::FileSource source(file, {}, {});
        return dump::outline_of(source);
    }
    [[nodiscard]] std::string difference(const dump::Outline& expected) const {
        const auto found = compare_with_dump(target(), expected, {});
        EXPECT_EQ(found.good.empty(), found.wrong.has_value());
        return found.wrong ? found.wrong->words : "";
    }
};

TEST_F(CompareWithDumpTest, AnExtensionMayHaveFilledItsTablesFurther) {
    psql("CREATE TABLE ref_sys AS SELECT 1 AS i");
    const auto expected = outline();
    psql("UPDATE pg_extension SET extconfig = ARRAY['ref_sys'::regclass::oid] "
         "WHERE extname = 'pgcrypto'");
    psql("INSERT INTO ref_sys SELECT generate_series(2, 101)");
    EXPECT_EQ(difference(expected), "");
    psql("DELETE FROM ref_sys");
    EXPECT_NE(difference(expected).find("ref_sys"), std::string::npos);
}

TEST_F(CompareWithDumpTest, RowsOfInsertsAreNotCountedAndNotClaimed) {
    const auto found = compare_with_dump(target(), outline({"--inserts"}), {});
    ASSERT_EQ(found.good.size(), 1U);
    EXPECT_NE(found.good.front().find("rows not counted"), std::string::npos);
}

TEST_F(CompareWithDumpTest, LanguagesAndLibrariesAreLookedForOnTheServer) {
    auto server = Connection::open(target_of(cluster_.database("postgres")), {}, {});
    auto dump = outline();
    dump.needs.extensions = {"plpgsql"};
    dump.needs.languages = {"internal", "plcobol"};
    EXPECT_EQ(missing_requirements(server, dump), std::vector<std::string>{"language plcobol"});
    // Either may bring the language.
    dump.needs.extensions = {"pgcrypto"};
    EXPECT_TRUE(missing_requirements(server, dump).empty());
    dump.needs.extensions.clear();
    dump.needs.libraries = {"$libdir/pgcrypto", "$libdir/nowhere", "found_by_the_path"};
    EXPECT_EQ(missing_requirements(server, dump),
              std::vector<std::string>{"library $libdir/nowhere"});
}

TEST_F(CompareWithDumpTest, WhatADumpNeedsIsAskedInItsEncoding) {
    psql("CREATE ROLE \"josé\"; ALTER TABLE parent OWNER TO \"josé\"");
    const auto expected = outline({"--encoding=LATIN1"});
    auto server = Connection::open(target_of(cluster_.database("postgres")), {}, {});
    EXPECT_TRUE(missing_requirements(server, expected).empty());
    psql("REASSIGN OWNED BY \"josé\" TO postgres; DROP ROLE \"josé\"");
    EXPECT_EQ(missing_requirements(server, expected), std::vector<std::string>{"role josé"});
    EXPECT_EQ(server.exec("SHOW client_encoding").text(0, 0), "UTF8");
}

TEST_F(CompareWithDumpTest, FindsNothingWhereTheyAreTheSame) {
    EXPECT_EQ(difference(outline()), "");
    EXPECT_EQ(difference(outline({"--load-via-partition-root"})), "");
    EXPECT_EQ(difference(outline({"--encoding=LATIN1"})), "");
    EXPECT_EQ(difference(outline({"--inserts"})), "");
    EXPECT_EQ(difference(outline({"--schema-only"})), "");
}

TEST_F(CompareWithDumpTest, NamesTheFirstDifference) {
    const auto expected = outline();
    psql("DELETE FROM child WHERE i = 3");
    EXPECT_EQ(difference(expected), "public.child has 1 rows, the backup has 2");
    psql("INSERT INTO child VALUES (3); SELECT nextval('numbers')");
    EXPECT_EQ(difference(expected), "sequence public.numbers is at 43, the backup has 42");
    psql("SELECT setval('numbers', 42); DROP EXTENSION pgcrypto");
    EXPECT_EQ(difference(expected), "extension pgcrypto is missing");
    psql("CREATE EXTENSION pgcrypto; UPDATE pg_index SET indisvalid = false "
         "WHERE indexrelid = 'daos_pkey'::regclass");
    EXPECT_EQ(difference(expected), "index daos_pkey is invalid");
    psql("UPDATE pg_index SET indisvalid = true WHERE NOT indisvalid;"
         "ALTER TABLE child ADD CONSTRAINT own CHECK (i < 9) NOT VALID");
    EXPECT_NE(difference(expected).find("2 constraints are not validated"), std::string::npos);
    psql("DROP TABLE \"größe\"");
    EXPECT_NE(difference(expected).find("is missing"), std::string::npos);
}

} // namespace
} // namespace drctl::postgres
