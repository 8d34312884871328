// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/rewrite.hpp"

#include "drctl/error.hpp"
#include "postgres/dump/classify.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres::dump {
namespace {

Statement classified(std::string text) {
    Statement statement;
    statement.text = std::move(text);
    classify(statement, {});
    return statement;
}

struct Rewriting {
    const char* text;
    const char* rewritten; ///< for the database `side "copy"`
    const char* database;  ///< that is named
};

class Rewrite : public testing::TestWithParam<Rewriting> {};

TEST_P(Rewrite, ReplacesTheDatabaseAndNothingElse) {
    const Statement statement = classified(GetParam().text);
    EXPECT_EQ(rewrite_for(statement, "side \"copy\""), GetParam().rewritten);
    EXPECT_EQ(database_named_in(statement), GetParam().database);
}

INSTANTIATE_TEST_SUITE_P(
    Statements, Rewrite,
    testing::Values(
        Rewriting{"CREATE DATABASE app WITH TEMPLATE = app;",
                  "CREATE DATABASE \"side \"\"copy\"\"\" WITH TEMPLATE = app;", "app"},
        Rewriting{"ALTER DATABASE \"My \"\"App\" SET search_path TO 'My App';",
                  "ALTER DATABASE \"side \"\"copy\"\"\" SET search_path TO 'My App';", "My \"App"},
        Rewriting{"DROP DATABASE IF EXISTS App;", "DROP DATABASE IF EXISTS \"side \"\"copy\"\"\";",
                  "app"},
        Rewriting{"COMMENT ON DATABASE database IS 'database';",
                  "COMMENT ON DATABASE \"side \"\"copy\"\"\" IS 'database';", "database"},
        Rewriting{"SECURITY LABEL FOR app ON DATABASE app IS 'app';",
                  "SECURITY LABEL FOR app ON DATABASE \"side \"\"copy\"\"\" IS 'app';", "app"},
        Rewriting{"ALTER ROLE app IN DATABASE app SET role TO 'app';",
                  "ALTER ROLE app IN DATABASE \"side \"\"copy\"\"\" SET role TO 'app';", "app"},
        Rewriting{"GRANT CONNECT ON DATABASE app TO app;",
                  "GRANT CONNECT ON DATABASE \"side \"\"copy\"\"\" TO app;", "app"},
        Rewriting{
            "UPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname = 'it''s';",
            "UPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname = 'side "
            "\"copy\"';",
            "it's"}));

TEST(Rewrite, QuotesALiteralSoThatItMeansTheSameAnywhere) {
    const Statement statement =
        classified("UPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname='a';");
    EXPECT_EQ(rewrite_for(statement, "it's\\"),
              "UPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname= "
              "E'it''s\\\\';");
}

TEST(Rewrite, KeepsTheNameApartFromWhatFollows) {
    EXPECT_EQ(rewrite_for(classified("DROP DATABASE a\"b\";"), "x"), "DROP DATABASE \"x\" \"b\";");
}

TEST(Rewrite, IsRefusedForWhatNamesNoSingleDatabase) {
    for (const char* text : {"GRANT CONNECT ON DATABASE a, b TO c;",
                             "ALTER DATABASE a RENAME TO b;", "CREATE TABLE t ();"}) {
        EXPECT_THROW(rewrite_for(classified(text), "x"), Error) << text;
    }
}

} // namespace
} // namespace drctl::postgres::dump
