// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/classify.hpp"

#include "postgres/dump/settings.hpp"

#include <gtest/gtest.h>
#include <ostream>
#include <string>
#include <vector>

namespace drctl::postgres::dump {

static void PrintTo(StatementKind kind, std::ostream* out) {
    *out << name_of(kind);
}

namespace {

using Kind = StatementKind;

struct Case {
    std::string text;
    Kind kind;
    std::string verb;
    std::string object;
    std::vector<std::string> tables;
};

void PrintTo(const Case& value, std::ostream* out) {
    *out << value.text;
}

class Classify : public testing::TestWithParam<Case> {};

TEST_P(Classify, SeesWhatAStatementIsAbout) {
    const Case& wanted = GetParam();
    Statement statement;
    statement.text = wanted.text;
    classify(statement, {});
    EXPECT_EQ(statement.kind, wanted.kind);
    EXPECT_EQ(statement.verb, wanted.verb);
    EXPECT_EQ(statement.object, wanted.object);
    EXPECT_EQ(statement.tables, wanted.tables);
}

using Tables = std::vector<std::string>;

INSTANTIATE_TEST_SUITE_P(
    Settings, Classify,
    testing::Values(
        Case{"SET row_security = off;", Kind::set, "SET", "row_security", {}},
        Case{"set Default_Tablespace = '';", Kind::set, "SET", "default_tablespace", {}},
        Case{"SET plpgsql.extra_errors TO 'all';", Kind::set, "SET", "plpgsql.extra_errors", {}},
        Case{"SET NAMES 'UTF8';", Kind::set, "SET", "client_encoding", {}},
        Case{"SET TIME ZONE 'UTC';", Kind::set, "SET", "timezone", {}},
        Case{"SET SESSION AUTHORIZATION 'bob';", Kind::set, "SET", "session authorization", {}},
        Case{"RESET SESSION AUTHORIZATION;", Kind::set, "RESET", "session authorization", {}},
        Case{"RESET role;", Kind::set, "RESET", "role", {}},
        Case{"SET CONSTRAINTS ALL DEFERRED;", Kind::other, "SET CONSTRAINTS", "", {}},
        Case{"SET TRANSACTION READ ONLY;", Kind::transaction, "SET TRANSACTION", "", {}},
        Case{"SELECT pg_catalog.set_config('search_path', '', false);",
             Kind::set,
             "SELECT set_config",
             "search_path",
             {}},
        Case{"SELECT pg_catalog.setval('public.\"S\"', 7, true);",
             Kind::setval,
             "SELECT setval",
             "public.\"S\"",
             {}},
        Case{
            "SELECT pg_catalog.lo_create('4711');", Kind::large_object, "SELECT lo_create", "", {}},
        Case{
            "SELECT pg_catalog.lowrite(0, '\\x00');", Kind::large_object, "SELECT lowrite", "", {}},
        Case{"SELECT pg_catalog.lo_unlink('4711');", Kind::drop, "SELECT lo_unlink", "", {}},
        Case{"SELECT * FROM pg_catalog.pg_restore_relation_stats('schemaname', 'public');",
             Kind::statistics,
             "SELECT pg_restore_relation_stats",
             "",
             {}},
        Case{"BEGIN;", Kind::transaction, "BEGIN", "", {}},
        Case{"COMMIT;", Kind::transaction, "COMMIT", "", {}},
        Case{"DO $$ BEGIN END $$;", Kind::other, "DO", "", {}}));

INSTANTIATE_TEST_SUITE_P(
    Tables, Classify,
    testing::Values(
        Case{"CREATE TABLE public.t (\n id int\n);",
             Kind::create_table,
             "CREATE TABLE",
             "public.t",
             {}},
        Case{"CREATE UNLOGGED TABLE public.t (id int);",
             Kind::create_table,
             "CREATE TABLE",
             "public.t",
             {}},
        Case{"CREATE FOREIGN TABLE s.f (id int) SERVER x;",
             Kind::create_table,
             "CREATE FOREIGN TABLE",
             "s.f",
             {}},
        Case{"CREATE INDEX i ON public.t USING btree (a);",
             Kind::create_index,
             "CREATE INDEX",
             "i",
             {"public.t"}},
        Case{"CREATE UNIQUE INDEX \"I on\" ON ONLY \"S\".\"t.u\" USING btree (a);",
             Kind::create_index,
             "CREATE INDEX",
             "\"I on\"",
             {"\"S\".\"t.u\""}},
        Case{"ALTER TABLE ONLY public.t\n    ADD CONSTRAINT t_pkey PRIMARY KEY (id);",
             Kind::index_constraint,
             "ALTER TABLE ADD CONSTRAINT",
             "t_pkey",
             {"public.t"}},
        Case{"ALTER TABLE ONLY public.t ADD CONSTRAINT u UNIQUE (id);",
             Kind::index_constraint,
             "ALTER TABLE ADD CONSTRAINT",
             "u",
             {"public.t"}},
        Case{"ALTER TABLE ONLY public.t ADD CONSTRAINT x EXCLUDE USING gist (r WITH &&);",
             Kind::index_constraint,
             "ALTER TABLE ADD CONSTRAINT",
             "x",
             {"public.t"}},
        Case{"ALTER TABLE public.t ADD CONSTRAINT c CHECK ((a > 0)) NOT VALID;",
             Kind::other,
             "ALTER TABLE ADD CONSTRAINT",
             "c",
             {"public.t"}},
        Case{"ALTER TABLE ONLY public.t ADD CONSTRAINT f FOREIGN KEY (\"references\") REFERENCES "
             "public.u(id);",
             Kind::foreign_key,
             "ALTER TABLE ADD CONSTRAINT",
             "f",
             {"public.t", "public.u"}},
        Case{"ALTER TABLE ONLY public.p ATTACH PARTITION public.c FOR VALUES FROM (1) TO (2);",
             Kind::attach_partition,
             "ALTER TABLE ATTACH PARTITION",
             "public.p",
             {"public.p", "public.c"}},
        Case{"ALTER INDEX public.pi ATTACH PARTITION public.ci;",
             Kind::attach_index,
             "ALTER INDEX ATTACH PARTITION",
             "public.pi",
             {"public.pi", "public.ci"}},
        Case{"ALTER TABLE IF EXISTS ONLY public.t DROP CONSTRAINT IF EXISTS t_pkey;",
             Kind::drop,
             "ALTER TABLE DROP",
             "public.t",
             {"public.t"}},
        Case{"ALTER TABLE IF EXISTS public.t ALTER COLUMN id DROP DEFAULT;",
             Kind::drop,
             "ALTER TABLE DROP",
             "public.t",
             {"public.t"}},
        Case{"ALTER TABLE ONLY public.t ALTER COLUMN id SET DEFAULT 1;",
             Kind::other,
             "ALTER TABLE",
             "public.t",
             {"public.t"}},
        Case{"ALTER TABLE public.if OWNER TO bob;",
             Kind::other,
             "ALTER TABLE",
             "public.if",
             {"public.if"}},
        Case{"CREATE TRIGGER tr BEFORE INSERT OR UPDATE OF \"on\", b ON public.t FOR EACH ROW "
             "EXECUTE FUNCTION public.f();",
             Kind::other,
             "CREATE TRIGGER",
             "tr",
             {"public.t"}},
        Case{"CREATE RULE r AS\n    ON INSERT TO public.t DO INSTEAD NOTHING;",
             Kind::other,
             "CREATE RULE",
             "r",
             {"public.t"}},
        Case{"CREATE POLICY p ON public.t FOR SELECT TO bob USING (true);",
             Kind::other,
             "CREATE POLICY",
             "p",
             {"public.t"}},
        Case{"INSERT INTO public.t (a, b) VALUES (1, ';');",
             Kind::insert,
             "INSERT INTO",
             "public.t",
             {"public.t"}},
        Case{"REFRESH MATERIALIZED VIEW public.mv;",
             Kind::refresh_matview,
             "REFRESH MATERIALIZED VIEW",
             "public.mv",
             {}}));

INSTANTIATE_TEST_SUITE_P(
    Objects, Classify,
    testing::Values(
        Case{"CREATE SCHEMA if;", Kind::create_schema, "CREATE SCHEMA", "if", {}},
        Case{"CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;",
             Kind::create_extension,
             "CREATE EXTENSION",
             "pg_trgm",
             {}},
        Case{"CREATE OR REPLACE FUNCTION s.f(a int) RETURNS int AS 'x';",
             Kind::other,
             "CREATE FUNCTION",
             "s.f",
             {}},
        Case{"CREATE MATERIALIZED VIEW public.mv AS SELECT 1 WITH NO DATA;",
             Kind::other,
             "CREATE MATERIALIZED VIEW",
             "public.mv",
             {}},
        Case{
            "CREATE USER MAPPING FOR bob SERVER s;", Kind::other, "CREATE USER MAPPING", "bob", {}},
        Case{"CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION public.f();",
             Kind::event_trigger,
             "CREATE EVENT TRIGGER",
             "e",
             {}},
        Case{"CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p;",
             Kind::subscription,
             "CREATE SUBSCRIPTION",
             "s",
             {}},
        Case{"ALTER SUBSCRIPTION s OWNER TO bob;",
             Kind::subscription,
             "ALTER SUBSCRIPTION",
             "s",
             {}},
        Case{"ALTER PUBLICATION p DROP TABLE ONLY public.t;",
             Kind::drop,
             "ALTER PUBLICATION DROP",
             "p",
             {}},
        Case{
            "ALTER LARGE OBJECT 4711 OWNER TO bob;", Kind::other, "ALTER LARGE OBJECT", "4711", {}},
        Case{"COMMENT ON COLUMN public.t.a IS 'x';",
             Kind::other,
             "COMMENT ON COLUMN",
             "public.t.a",
             {}},
        Case{"ALTER DEFAULT PRIVILEGES FOR ROLE bob GRANT SELECT ON TABLES TO al;",
             Kind::other,
             "ALTER DEFAULT PRIVILEGES",
             "",
             {}},
        Case{"GRANT SELECT(a),INSERT ON TABLE public.t TO bob;",
             Kind::other,
             "GRANT ON TABLE",
             "public.t",
             {}},
        Case{"DROP TABLE IF EXISTS public.t;", Kind::drop, "DROP TABLE", "public.t", {}}));

INSTANTIATE_TEST_SUITE_P(
    Cluster, Classify,
    testing::Values(
        Case{"CREATE ROLE bob;", Kind::create_role, "CREATE ROLE", "bob", {}},
        Case{"ALTER ROLE bob WITH LOGIN;", Kind::alter_role, "ALTER ROLE", "bob", {}},
        Case{"ALTER ROLE bob SET work_mem TO '1MB';", Kind::alter_role, "ALTER ROLE", "bob", {}},
        Case{"GRANT al TO bob WITH ADMIN OPTION;", Kind::grant_role, "GRANT", "", {}},
        Case{"CREATE TABLESPACE fast LOCATION '/x';",
             Kind::tablespace,
             "CREATE TABLESPACE",
             "fast",
             {}},
        Case{"CREATE DATABASE app WITH TEMPLATE = template0;",
             Kind::database_level,
             "CREATE DATABASE",
             "app",
             {}},
        Case{"ALTER DATABASE \"App\" OWNER TO bob;",
             Kind::database_level,
             "ALTER DATABASE",
             "\"App\"",
             {}},
        Case{"DROP DATABASE IF EXISTS app;", Kind::database_level, "DROP DATABASE", "app", {}},
        Case{"COMMENT ON DATABASE app IS 'x';",
             Kind::database_level,
             "COMMENT ON DATABASE",
             "app",
             {}},
        Case{"SECURITY LABEL FOR database ON DATABASE app IS 'x';",
             Kind::database_level,
             "SECURITY LABEL ON DATABASE",
             "app",
             {}},
        Case{"ALTER ROLE database IN DATABASE app SET work_mem TO '1MB';",
             Kind::database_level,
             "ALTER ROLE IN DATABASE",
             "app",
             {}},
        Case{"REVOKE CONNECT,TEMPORARY ON DATABASE app FROM PUBLIC;",
             Kind::database_level,
             "REVOKE ON DATABASE",
             "app",
             {}},
        Case{"UPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname = 'app';",
             Kind::database_level,
             "UPDATE pg_database",
             "'app'",
             {}}));

TEST(Setting, HasItsValueReadInAllForms) {
    const auto value = [](const char* text) {
        Statement statement;
        statement.text = text;
        classify(statement, {});
        return value_of_setting(statement, {}).value_or("(none)");
    };
    EXPECT_EQ(value("SET default_tablespace = 'it''s';"), "it's");
    EXPECT_EQ(value("SET default_tablespace TO fast;"), "fast");
    EXPECT_EQ(value("SET work_mem = DEFAULT;"), "(none)");
    EXPECT_EQ(value("SET SESSION work_mem = 7;"), "7");
    EXPECT_EQ(value("SET NAMES 'LATIN1';"), "LATIN1");
    EXPECT_EQ(value("SET SESSION AUTHORIZATION 'bob';"), "bob");
    EXPECT_EQ(value("SET SESSION AUTHORIZATION DEFAULT;"), "(none)");
    EXPECT_EQ(value("RESET SESSION AUTHORIZATION;"), "(none)");
    EXPECT_EQ(value("SELECT pg_catalog.set_config('search_path', E'a\\\\b', false);"), "a\\b");
}

} // namespace
} // namespace drctl::postgres::dump
