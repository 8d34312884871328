// SPDX-License-Identifier: Apache-2.0
#include "support/dump_events.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres::dump {
namespace {

std::vector<std::string> split(const std::string& dump) {
    std::vector<std::string> texts;
    for (const Statement& statement : test::statements_of(dump)) {
        texts.push_back(statement.text);
    }
    return texts;
}

/// One statement that has to come out in one piece, whatever semicolons it has.
class WholeStatement : public testing::TestWithParam<const char*> {};

TEST_P(WholeStatement, IsNotSplitWithin) {
    const std::string statement = GetParam();
    EXPECT_EQ(split(statement + "\nSELECT 2;\n"),
              (std::vector<std::string>{statement, "SELECT 2;"}));
}

INSTANTIATE_TEST_SUITE_P(
    Lexer, WholeStatement,
    testing::Values(
        "SELECT ';';", "SELECT 'it''s; fine';", "SELECT 'backslash\\';", "SELECT E'it\\'s; fine';",
        "SELECT e'\\\\';", "SELECT E'a''b\\'; c';", "SELECT E'a'\n  'b\\'; c';",
        "SELECT E'a' -- why\n -- not\n 'b\\'; c';", "SELECT U&'\\0441;';", "SELECT U&\"a;b\";",
        "SELECT u&'\\';", "SELECT B'01;';", "SELECT X'1F;';", "SELECT N'a;b';",
        "SELECT \"a;\"\"b;\";", "SELECT $$a;b$$;", "SELECT $tag$ $$;$$ $tga$; $ta $tag$;",
        "SELECT $t1$;$t1$;", "SELECT a$b$c, 1;", "SELECT $1;", "SELECT $fü$;$fü$;",
        "SELECT 1 /* ; /* ; */ ; */;", "SELECT 1 -- ;\n;", "SELECT 1-- ' ;\n, 2;",
        "SELECT 4*/* ; */2;", "SELECT (1; 2);", "SELECT name'x', somee'y;';",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); DELETE FROM b;);",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;",
        "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; "
        "END;",
        "create procedure p() begin atomic select case when (case when a then b end) then 1 end; "
        "end;",
        "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC BEGIN; SELECT 1; END; END;",
        "CREATE FUNCTION \"begin\"() RETURNS int AS 'SELECT 1;';",
        "CREATE FUNCTION f(a int DEFAULT (case when true then 1 end)) RETURNS int AS $$x;$$;"));

TEST(Lexer, ReadsBackslashesByStandardConformingStrings) {
    EXPECT_EQ(split("SET standard_conforming_strings = off;\nSELECT 'it\\'s; fine';\n"
                    "SET standard_conforming_strings TO 'on';\nSELECT 'backslash\\';\n"),
              (std::vector<std::string>{
                  "SET standard_conforming_strings = off;", "SELECT 'it\\'s; fine';",
                  "SET standard_conforming_strings TO 'on';", "SELECT 'backslash\\';"}));
}

TEST(Lexer, SplitsAtBeginThatIsNoBodyOfARoutine) {
    EXPECT_EQ(split("BEGIN;SELECT 1;COMMIT;CREATE VIEW begin AS SELECT 1;"),
              (std::vector<std::string>{"BEGIN;", "SELECT 1;", "COMMIT;",
                                        "CREATE VIEW begin AS SELECT 1;"}));
}

TEST(Lexer, JoinsLiteralsOnlyAcrossALineEnd) {
    // On one line the second literal is one of its own, without escapes.
    EXPECT_EQ(split("SELECT E'a' 'b\\'; SELECT 2;").size(), 2U);
    EXPECT_EQ(split("SELECT E'a'\r'b\\'; SELECT 2;';").size(), 1U);
    EXPECT_EQ(split("SELECT E'a' /* \n */ 'b\\'; SELECT 2;").size(), 2U);
}

TEST(Lexer, SkipsCommentsAndEmptyStatementsBetweenStatements) {
    EXPECT_EQ(split("\xef\xbb\xbf-- one ;\n/* two ; /* three */ */ ; SELECT 1; -- four\n;\n"),
              (std::vector<std::string>{"SELECT 1;"}));
}

TEST(Lexer, TakesASecondByteThatLooksLikeABackslashForPartOfItsCharacter) {
    // 0x83 0x5c is one katakana in Shift JIS; in UTF-8 0x5c is always a backslash.
    const std::string text = "SELECT E'\x83\x5c';";
    EXPECT_EQ(split("SET client_encoding = 'SJIS';\n" + text + "\n" + text),
              (std::vector<std::string>{"SET client_encoding = 'SJIS';", text, text}));
    EXPECT_EQ(split("SET client_encoding = 'UTF8';\n" + text + ";';").size(), 2U);
    for (const char* name :
         {"Big5", "GBK", "uhc", "GB18030", "johab", "SHIFT_JIS_2004", "WIN932"}) {
        const std::string setting = std::string("SET client_encoding TO '") + name + "';";
        const std::string bare = "SELECT \x95\x5c;"; // would be a meta-command
        EXPECT_EQ(split(setting + bare + text), (std::vector<std::string>{setting, bare, text}))
            << name;
    }
}

TEST(Lexer, KnowsCharactersOfOneThreeAndFourBytes) {
    const std::string half_width = "SELECT E'\xb1\\'; ';"; // 0xb1 is a character of its own
    EXPECT_EQ(split("SET client_encoding = 'SJIS';" + half_width).back(), half_width);
    const std::string four = "SELECT E'\x81\x30\x81\x35\\'; ';";
    EXPECT_EQ(split("SET client_encoding = 'GB18030';" + four).back(), four);
    const std::string three = "SELECT E'\x8f\x81\x5c';";
    EXPECT_EQ(split("SET client_encoding = 'JOHAB';" + three).back(), three);
}

} // namespace
} // namespace drctl::postgres::dump
