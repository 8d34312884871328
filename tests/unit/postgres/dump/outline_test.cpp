// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/outline.hpp"

#include "postgres/dump/classify.hpp"
#include "postgres/dump/early.hpp"
#include "support/memory_source.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace drctl::postgres::dump {
namespace {

using Names = std::set<std::string>;

Outline outline(const std::string& text) {
    test::MemorySource source(text);
    return outline_of(source);
}

const char* const path = "SELECT pg_catalog.set_config('search_path', '', false);\n";

TEST(Outline, CountsWhatThereIs) {
    const Outline seen =
        outline(std::string(path) + "CREATE TABLE public.t (id int);\n"
                                    "COPY public.t (id) FROM stdin;\n1\n2\n\\.\n"
                                    "COPY public.u  FROM stdin;\n\\.\n"
                                    "SELECT pg_catalog.setval('public.s', -5, false);\n"
                                    "-- PostgreSQL database dump complete\n");
    EXPECT_TRUE(seen.complete);
    EXPECT_TRUE(seen.has_data);
    EXPECT_TRUE(seen.has_schema);
    EXPECT_FALSE(seen.cleans);
    EXPECT_FALSE(seen.creates_database);
    ASSERT_EQ(seen.copies.size(), 2U);
    EXPECT_EQ(seen.copies[0].table, "public.t");
    EXPECT_EQ(seen.copies[0].columns, std::vector<std::string>{"id"});
    EXPECT_EQ(seen.copies[0].rows, 2U);
    EXPECT_EQ(seen.copies[0].bytes, 4U);
    EXPECT_EQ(seen.copies[1].rows, 0U);
    EXPECT_EQ(seen.rows, 2U);
    EXPECT_EQ(seen.copy_bytes, 4U);
    ASSERT_EQ(seen.sequences.size(), 1U);
    EXPECT_EQ(seen.sequences[0].sequence, "public.s");
    EXPECT_EQ(seen.sequences[0].value, -5);
    EXPECT_FALSE(seen.sequences[0].is_called);
    EXPECT_EQ(seen.statements.at(StatementKind::create_table), 1U);
}

TEST(Outline, KnowsWhatRelationsItHas) {
    const std::string text = std::string(path) + "SET client_encoding = 'UTF8';\n"
                                                 "CREATE UNLOGGED TABLE public.t (id int);\n"
                                                 "CREATE TABLE public.\"My Table\" (id int);\n"
                                                 "CREATE VIEW shop.v AS SELECT 1;\n"
                                                 "CREATE MATERIALIZED VIEW shop.m AS SELECT 1;\n"
                                                 "SELECT pg_catalog.setval('public.t_id_seq', 5);\n"
                                                 "CREATE INDEX i ON public.t USING btree (id);\n";
    const Outline seen = outline(text);
    EXPECT_EQ(seen.relations,
              (Names{"public.t", "public.My Table", "shop.v", "shop.m", "public.t_id_seq"}));
    for (const auto* name : {"t", "public.t", "My Table", "v", "m", "t_id_seq"}) {
        EXPECT_TRUE(seen.may_have_relation(name)) << name;
    }
    for (const auto* name : {"i", "shop.t", "able", "daoss", ""}) {
        EXPECT_FALSE(seen.may_have_relation(name)) << name;
    }
}

TEST(Outline, DeniesARelationOnlyWhereItIsSure) {
    const std::string table = "CREATE TABLE public.t (id int);\n";
    EXPECT_TRUE(outline("CREATE EXTENSION postgis WITH SCHEMA public;\n" + table)
                    .may_have_relation("spatial_ref_sys"));
    EXPECT_TRUE(outline("SET client_encoding = 'LATIN1';\n" + table).may_have_relation("größe"));
    EXPECT_FALSE(outline("SET client_encoding = 'LATIN1';\n" + table).may_have_relation("u"));
    const auto brief = outline_from_json(to_json(outline(table), 1));
    ASSERT_TRUE(brief);
    EXPECT_TRUE(brief->may_have_relation("u"));
}

TEST(Outline, TellsHowTheDumpWasMade) {
    EXPECT_TRUE(outline("DROP TABLE t;\nCREATE TABLE t ();").cleans);
    EXPECT_FALSE(outline("CREATE TABLE t ();\nDROP TABLE t;").cleans);
    const Outline created = outline("CREATE DATABASE \"A b\" ENCODING = 'UTF8' TABLESPACE = fast;");
    EXPECT_TRUE(created.creates_database);
    EXPECT_EQ(created.database, "A b");
    EXPECT_EQ(created.needs.database_encoding, "UTF8");
    EXPECT_EQ(created.needs.tablespaces, Names{"fast"});
}

TEST(Outline, ForeignTablesHaveNoRowsOfTheirOwn) {
    EXPECT_FALSE(outline("CREATE FOREIGN TABLE public.f (id int) SERVER s;").has_tables);
    const Outline seen = outline("CREATE UNLOGGED TABLE public.t (id int);");
    EXPECT_TRUE(seen.has_tables);
    EXPECT_TRUE(outline_from_json(to_json(seen))->has_tables);
}

TEST(Outline, CountsConstraintsThatMayStayInvalid) {
    const Outline seen =
        outline("ALTER TABLE public.t ADD CONSTRAINT c CHECK ((i > 0)) NOT VALID;\n"
                "ALTER TABLE ONLY public.t ADD CONSTRAINT f FOREIGN KEY (i) REFERENCES public.u(i) "
                "NOT VALID;\n"
                "ALTER DOMAIN public.d ADD CONSTRAINT c CHECK ((VALUE > 0)) NOT VALID;\n"
                "ALTER TABLE public.t ADD CONSTRAINT g CHECK ((i > 0));\n"
                "COMMENT ON TABLE public.t IS 'x NOT VALID;';\n");
    EXPECT_EQ(seen.not_valid, 3U);
    EXPECT_EQ(outline_from_json(to_json(seen))->not_valid, 3U);
}

TEST(Outline, LetsIndexesStartBehindTheLastBlockOfTheirTable) {
    const Outline seen =
        outline(std::string(path) + "COPY public.t (a) FROM stdin;\n1\n\\.\n"
                                    "COPY public.t (a) FROM stdin;\n2\n\\.\n"
                                    "SET default_tablespace = fast;\n"
                                    "CREATE INDEX i ON public.t USING btree (lower(a), b);\n"
                                    "ALTER TABLE ONLY public.t ADD CONSTRAINT k PRIMARY KEY (a);\n"
                                    "CREATE INDEX j ON public.part USING btree (a);\n");
    ASSERT_EQ(seen.early.size(), 2U); // public.part has no rows of its own
    EXPECT_EQ(seen.early[0].object, "i");
    EXPECT_EQ(seen.early[0].table, "public.t");
    EXPECT_EQ(seen.early[0].after, 2U);
    EXPECT_EQ(seen.early[0].ordinal, 4U);
    EXPECT_EQ(seen.early[0].text, "CREATE INDEX i ON public.t USING btree (lower(a), b);");
    EXPECT_EQ(seen.early[1].kind, StatementKind::index_constraint);
}

TEST(Outline, LetsNothingStartEarlyWhereNamesAreNotQualified) {
    // As dumps before 2018 were: `f` may be a function of the dump's own.
    EXPECT_TRUE(outline("SET search_path = public, pg_catalog;\nCOPY t (a) FROM stdin;\n\\.\n"
                        "CREATE INDEX i ON t USING btree (f(a));")
                    .early.empty());
}

TEST(Outline, KnowsWhereEachSettingStands) {
    const Outline seen = outline("SELECT pg_catalog.set_config('search_path', '', false);\n"
                                 "SELECT 1;\nSET default_tablespace = fast;\n");
    ASSERT_EQ(seen.settings.size(), 2U);
    EXPECT_EQ(seen.settings[0].parameter, "search_path");
    EXPECT_EQ(seen.settings[0].ordinal, 0U);
    EXPECT_EQ(seen.settings[1].parameter, "default_tablespace");
    EXPECT_EQ(seen.settings[1].ordinal, 2U);
    EXPECT_EQ(seen.settings[1].text, "SET default_tablespace = fast;");
}

struct EarlyCase {
    const char* text;
    bool early;
};

class Early : public testing::TestWithParam<EarlyCase> {};

TEST_P(Early, IsWhatRunsNoCodeOfTheDump) {
    Statement statement;
    statement.text = GetParam().text;
    classify(statement, {});
    EXPECT_EQ(needs_only_its_table(statement, {}), GetParam().early) << statement.text;
}

INSTANTIATE_TEST_SUITE_P(
    Outline, Early,
    testing::Values(
        EarlyCase{"CREATE INDEX i ON public.t USING gin (a public.gin_trgm_ops);", true},
        EarlyCase{"CREATE INDEX i ON public.t USING gist (a public.gist_trgm_ops (siglen='32'));",
                  true},
        EarlyCase{"CREATE UNIQUE INDEX i ON public.t USING btree (a) WHERE (b > 0);", true},
        EarlyCase{"CREATE INDEX i ON public.t USING btree (((a)::text));", true},
        EarlyCase{"CREATE INDEX i ON public.t USING btree (public.f(a));", false},
        EarlyCase{"CREATE INDEX i ON public.t USING btree (a) WHERE public.f(b);", false},
        EarlyCase{"CREATE INDEX i ON public.t USING btree (((a)::public.citext));", false},
        EarlyCase{"CREATE INDEX i ON public.t USING btree ((a OPERATOR(public.+) b));", false},
        EarlyCase{"CREATE INDEX i ON ONLY public.t USING btree (a);", false},
        EarlyCase{"ALTER TABLE ONLY public.t ADD CONSTRAINT u UNIQUE (a);", true},
        EarlyCase{"ALTER TABLE ONLY public.t ADD CONSTRAINT x EXCLUDE USING gist (a WITH &&);",
                  true},
        EarlyCase{
            "ALTER TABLE ONLY public.t ADD CONSTRAINT x EXCLUDE USING gist (public.f(a) WITH &&);",
            false},
        EarlyCase{
            "ALTER TABLE ONLY public.t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES public.u(a);",
            false}));

TEST(Requirements, NameRoles) {
    const Outline seen = outline(
        "ALTER TABLE public.t OWNER TO owner1;\nGRANT SELECT ON TABLE public.t TO al, \"Bob B\" "
        "WITH "
        "GRANT OPTION;\nREVOKE ALL ON TABLE public.t FROM PUBLIC, rev;\n"
        "CREATE POLICY p ON public.t FOR SELECT TO pol USING ((\"to\" = 'x'));\n"
        "ALTER DEFAULT PRIVILEGES FOR ROLE def1 IN SCHEMA s GRANT SELECT ON TABLES TO def2;\n"
        "CREATE USER MAPPING FOR mapped SERVER s;\nCREATE SCHEMA s AUTHORIZATION auth;\n"
        "SET SESSION AUTHORIZATION 'sess';\nRESET SESSION AUTHORIZATION;\n"
        "ALTER ROLE indb IN DATABASE d SET a TO 'b';\nCOMMENT ON TABLE t IS 'OWNER TO nobody';\n");
    EXPECT_EQ(seen.needs.roles, (Names{"Bob B", "al", "auth", "def1", "def2", "indb", "mapped",
                                       "owner1", "pol", "rev", "sess"}));
}

TEST(Requirements, AreNotWhatTheDumpCreatesItself) {
    const Outline seen = outline("CREATE ROLE bob;\nCREATE TABLESPACE fast LOCATION '/x';\n"
                                 "GRANT al TO bob GRANTED BY post;\n"
                                 "SET default_tablespace = fast;\nSET default_tablespace = slow;\n"
                                 "SET default_tablespace = '';\n");
    EXPECT_EQ(seen.needs.roles, (Names{"al", "post"}));
    EXPECT_EQ(seen.needs.tablespaces, Names{"slow"});
}

TEST(Requirements, NameWhatTheServerMustBringAlong) {
    const Outline seen =
        outline("CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;\n"
                "CREATE TABLE public.t (a text COLLATE pg_catalog.\"de_DE\", b text COLLATE "
                "public.mine, c text "
                "COLLATE pg_catalog.\"C\");\n"
                "CREATE VIEW public.v AS SELECT (a COLLATE \"fr-x-icu\") FROM public.t;\n"
                "CREATE COLLATION public.mine (provider = icu, locale = 'de-DE-u-co');\n"
                "CREATE FUNCTION public.f() RETURNS int LANGUAGE plpython3u AS $$ LANGUAGE c $$;\n"
                "CREATE FUNCTION public.g() RETURNS int LANGUAGE c AS '$libdir/mine', 'g';\n"
                "CREATE FUNCTION public.h() RETURNS int LANGUAGE plpgsql AS 'x';\n");
    EXPECT_EQ(seen.needs.extensions, Names{"pg_trgm"});
    EXPECT_EQ(seen.needs.collations, (Names{"de_DE", "fr-x-icu"}));
    EXPECT_EQ(seen.needs.icu_locales, Names{"de-DE-u-co"});
    EXPECT_EQ(seen.needs.languages, Names{"plpython3u"});
    EXPECT_EQ(seen.needs.libraries, Names{"$libdir/mine"});
}

TEST(Requirements, NameTheLocalesOfCollationsByWhoHasThem) {
    const Outline seen = outline(
        "CREATE DATABASE d LOCALE_PROVIDER = icu LOCALE = 'en_US.utf8' ICU_LOCALE = 'en-US';\n"
        "CREATE COLLATION public.locale (provider = libc, locale = 'de_DE.utf8');\n"
        "CREATE COLLATION public.b (provider = libc, lc_collate = 'C', lc_ctype = 'fr_FR.utf8');\n"
        "CREATE COLLATION public.old (lc_collate = 'it_IT', lc_ctype = 'it_IT');\n"
        "CREATE COLLATION public.i (provider = icu, deterministic = false, locale = 'sv-SE');\n"
        "CREATE COLLATION public.n (provider = builtin, locale = 'PG_UNICODE_FAST');\n");
    // The copy has the locale of the database that it replaces, not that of CREATE DATABASE.
    EXPECT_EQ(seen.needs.locales, (Names{"C", "de_DE.utf8", "fr_FR.utf8", "it_IT"}));
    EXPECT_EQ(seen.needs.icu_locales, Names{"sv-SE"});
}

TEST(OutlineJson, BringsBackEverything) {
    const Outline seen = outline(
        std::string("-- PostgreSQL database dump\n-- Dumped from database version 15.2\n") + path +
        "SET client_encoding = 'LATIN1';\nCREATE DATABASE d;\n"
        "ALTER TABLE t OWNER TO \"\xe9\";\n"
        "COPY public.\"\xe9t\" (\"a,b\", c) FROM stdin;\n1\n\\.\n"
        "CREATE INDEX i ON public.\"\xe9t\" USING btree (c);\n"
        "ALTER TABLE ONLY public.\"\xe9t\" ADD CONSTRAINT k PRIMARY KEY (c);\n"
        "SELECT pg_catalog.setval('s', -9223372036854775808, false);\n");
    const std::optional<Outline> again = outline_from_json(to_json(seen));
    ASSERT_TRUE(again);
    EXPECT_EQ(to_json(*again), to_json(seen));
    EXPECT_EQ(again->header.server_version, "15.2");
    EXPECT_EQ(again->database, "d");
    EXPECT_EQ(again->needs.roles, Names{"\xe9"});
    ASSERT_EQ(again->early.size(), 2U);
    EXPECT_EQ(again->early[0].table, "public.\"\xe9t\"");
    EXPECT_EQ(again->early[1].kind, StatementKind::index_constraint);
    EXPECT_EQ(again->relations, seen.relations);
    EXPECT_EQ(again->copies.at(0).columns, (std::vector<std::string>{"\"a,b\"", "c"}));
    EXPECT_EQ(again->settings.size(), seen.settings.size());
    EXPECT_EQ(again->sequences.at(0).value, std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(again->statements, seen.statements);
    EXPECT_TRUE(again->detailed);
}

TEST(OutlineJson, LeavesDetailsOutThatAreTooMany) {
    const Outline seen = outline("COPY t FROM stdin;\n1\n\\.\n");
    const std::string full = to_json(seen);
    const std::string brief = to_json(seen, full.size() - 1);
    EXPECT_LT(brief.size(), full.size());
    const std::optional<Outline> again = outline_from_json(brief);
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->detailed);
    EXPECT_TRUE(again->copies.empty());
    EXPECT_EQ(again->rows, 1U);
    EXPECT_EQ(to_json(*again), brief);
}

TEST(OutlineJson, IsNothingForWhatItCannotRead) {
    const std::string whole = to_json(outline("SELECT 1;"));
    EXPECT_TRUE(outline_from_json(whole));
    std::string newer = whole;
    newer.replace(newer.find("\"version\":3"), 11, "\"version\":4");
    for (const std::string& text :
         {std::string(), std::string("[]"), std::string("{}"), std::string("{\"version\":3}"),
          newer, whole.substr(0, whole.size() - 1)}) {
        EXPECT_FALSE(outline_from_json(text)) << text;
    }
}

} // namespace
} // namespace drctl::postgres::dump
