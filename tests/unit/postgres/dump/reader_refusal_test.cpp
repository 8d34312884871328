// SPDX-License-Identifier: Apache-2.0
#include "drctl/error.hpp"
#include "support/dump_events.hpp"

#include <gtest/gtest.h>
#include <optional>

namespace drctl::postgres::dump {
namespace {

/// The error that reading `dump` ends in.
std::optional<Error> error_of(const std::string& dump, ReaderOptions options = {}) {
    try {
        test::MemorySource source(dump);
        Reader reader(source, options);
        while (!std::holds_alternative<EndOfDump>(reader.next())) {
        }
    } catch (const Error& error) {
        return error;
    }
    return std::nullopt;
}

struct Bad {
    std::string dump;
    ErrorCode code;
    std::string line;
    std::string words; ///< in the message
};

class BadDump : public testing::TestWithParam<Bad> {};

TEST_P(BadDump, EndsInAnErrorThatNamesTheLine) {
    const std::optional<Error> error = error_of(GetParam().dump);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), GetParam().code) << error->message();
    EXPECT_EQ(error->context_value("line"), GetParam().line) << error->message();
    EXPECT_NE(error->message().find(GetParam().words), std::string::npos) << error->message();
    EXPECT_FALSE(error->hint().empty());
    EXPECT_EQ(error->message().find("secret"), std::string::npos) << "row data in a message";
}

INSTANTIATE_TEST_SUITE_P(
    Refused, BadDump,
    testing::Values(
        Bad{"SELECT 1;\n\\! id\n", ErrorCode::refused, "2", "'\\!'"},
        Bad{"SELECT 1\n\n\\gexec\n", ErrorCode::refused, "3", "'\\gexec'"},
        Bad{"SELECT 1 \\; SELECT 2;", ErrorCode::refused, "1", "'\\;'"},
        Bad{"\\.\n", ErrorCode::refused, "1", "'\\.'"},
        Bad{"\\restrict k\n\\connect a\n", ErrorCode::refused, "2", "'\\connect'"},
        Bad{"\\restrict k\n\\restrict k\n", ErrorCode::refused, "2", "do not match"},
        Bad{"\\restrict k\n\\unrestrict K\n", ErrorCode::refused, "2", "do not match"},
        Bad{"\\unrestrict k\n", ErrorCode::refused, "1", "do not match"},
        Bad{"\\connect a\n\\connect b\n", ErrorCode::refused, "2", "second database"},
        Bad{"CREATE DATABASE a;\n\\connect b\n", ErrorCode::refused, "2", "second database"},
        Bad{"\\connect a\nCOMMENT ON DATABASE b IS 'x';", ErrorCode::refused, "2", "pg_dumpall"},
        Bad{"GRANT CONNECT ON DATABASE a, b TO c;", ErrorCode::refused, "1", "exactly one"},
        Bad{"ALTER DATABASE a RENAME TO b;", ErrorCode::refused, "1", "exactly one"},
        Bad{"COPY t FROM '/etc/passwd';", ErrorCode::refused, "1", "COPY"},
        Bad{"COPY t FROM PROGRAM 'id';", ErrorCode::refused, "1", "COPY"},
        Bad{"COPY t TO stdout;", ErrorCode::refused, "1", "COPY"},
        Bad{"COPY (SELECT 1) TO stdout;", ErrorCode::refused, "1", "COPY"},
        Bad{"COPY t FROM stdin WITH (FORMAT csv);\n1\n\\.\n", ErrorCode::refused, "1", "COPY"},
        Bad{"COPY t FROM stdin; SELECT 1;\n\\.\n", ErrorCode::refused, "1", "on its line"}));

INSTANTIATE_TEST_SUITE_P(
    Damaged, BadDump,
    testing::Values(
        Bad{"SELECT 1;\nSELECT 2", ErrorCode::damaged, "2", "ends within the statement"},
        Bad{"SELECT 'secret", ErrorCode::damaged, "1", "quote or comment"},
        Bad{"SELECT E'secret\\", ErrorCode::damaged, "1", "quote or comment"},
        Bad{"SELECT $a$secret$a", ErrorCode::damaged, "1", "quote or comment"},
        Bad{"SELECT \"secret", ErrorCode::damaged, "1", "quote or comment"},
        Bad{"SELECT 1 /* secret", ErrorCode::damaged, "1", "quote or comment"},
        Bad{"\n/* secret", ErrorCode::damaged, "2", "within a comment"},
        Bad{"CREATE FUNCTION f() BEGIN ATOMIC SELECT 1;", ErrorCode::damaged, "1", "statement"},
        Bad{"COPY t FROM stdin;", ErrorCode::damaged, "1", "before the rows of t"},
        Bad{"COPY t FROM stdin;\n", ErrorCode::damaged, "2", "within the rows of t"},
        Bad{"COPY t FROM stdin;\nsecret\nsecret", ErrorCode::damaged, "3", "within the rows of t"},
        Bad{"COPY t FROM stdin;\nsecret\n\\.", ErrorCode::damaged, "3", "within the rows of t"},
        Bad{"COPY t FROM stdin;\nsecret\n\\.\r", ErrorCode::damaged, "3", "within the rows of t"},
        Bad{"COPY t FROM stdin;\nsecret\n\\..\n", ErrorCode::damaged, "4", "within the rows of t"},
        Bad{"COPY t FROM stdin;\nsecret\ns" + std::string(3, '\0') + "\n\\.\n", ErrorCode::damaged,
            "3", "NUL"},
        Bad{std::string("SELECT 'a\0b';", 13), ErrorCode::damaged, "1", "NUL"},
        Bad{std::string("S\0E\0L\0E\0C\0T\0;\0", 14), ErrorCode::damaged, "1", "NUL"},
        Bad{std::string(4096, '\0'), ErrorCode::damaged, "1", "NUL"}));

TEST(BadDump, EndsInTheSameErrorWhereverItIsCut) {
    const std::string dump = "SELECT 'a';\nCOPY public.t FROM stdin;\n1\n2\n\\.\nSELECT \"b\";\n";
    const std::size_t whole_statement = 11;
    for (std::size_t size = 1; size < dump.size() - 1; ++size) {
        const std::optional<Error> error = error_of(dump.substr(0, size));
        const bool between = size == whole_statement || size == whole_statement + 1 ||
                             (size >= dump.find("\\.\n") + 3 && size <= dump.find("SELECT \""));
        EXPECT_EQ(error.has_value(), !between) << dump.substr(0, size);
        if (error) {
            EXPECT_EQ(error->code(), ErrorCode::damaged) << error->message();
        }
    }
}

TEST(BadDump, HasAStatementAboveTheLimit) {
    const std::string huge = "SELECT '" + std::string(300'000, 'x') + "';";
    const ReaderOptions options{.chunk_size = 1 << 10, .statement_limit = 100'000};
    const std::optional<Error> error = error_of("SELECT 1;\n" + huge, options);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::refused);
    EXPECT_EQ(error->context_value("line"), "2");
    // Rows have no such limit.
    EXPECT_FALSE(error_of("COPY t FROM stdin;\n" + std::string(300'000, 'x') + "\n\\.\n", options));
}

TEST(BadDump, ShowsNoMoreOfACommandThanItsBeginning) {
    const std::optional<Error> error = error_of("\\" + std::string(100'000, 'x'));
    ASSERT_TRUE(error);
    EXPECT_LT(error->message().size(), 300U);
}

TEST(BadDump, OfAClusterMaySetParametersOfRolesInSeveralDatabases) {
    EXPECT_FALSE(error_of("-- PostgreSQL database cluster dump\nCREATE ROLE r;\n"
                          "ALTER ROLE r IN DATABASE a SET x TO 'y';\n"
                          "ALTER ROLE r IN DATABASE b SET x TO 'y';\n"));
}

} // namespace
} // namespace drctl::postgres::dump
