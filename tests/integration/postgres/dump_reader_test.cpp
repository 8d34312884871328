// SPDX-License-Identifier: Apache-2.0
#include "drctl/error.hpp"
#include "postgres/dump/outline.hpp"
#include "postgres/dump/reader.hpp"
#include "support/memory_source.hpp"
#include "support/postgres_cluster.hpp"
#include "system/files.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <iconv.h>
#include <set>
#include <string>
#include <variant>
#include <vector>

/// What psql does with real dumps, as the server's log has it, against what our reader makes of
/// them.
namespace drctl::postgres::dump {
namespace {

namespace fs = std::filesystem;
using test::PostgresCluster;
using Texts = std::vector<std::string>;

/// Every statement that programs of that name have sent. Lines of a statement but the first are
/// indented by a tab in the log, so that its text can be had back exactly.
Texts logged_statements(const std::string& log, const std::string& program) {
    const std::string marker = program + "|LOG:  statement: ";
    Texts statements;
    bool ours = false;
    for (std::size_t at = 0; at < log.size();) {
        const std::size_t end = std::min(log.find('\n', at), log.size());
        const std::string line = log.substr(at, end - at);
        at = end + 1;
        if (line.rfind('\t', 0) == 0 && ours) {
            statements.back() += "\n" + line.substr(1);
        } else {
            ours = line.rfind(marker, 0) == 0;
            if (ours) {
                statements.push_back(line.substr(marker.size()));
            }
        }
    }
    return statements;
}

/// What our reader would send of the same dump.
Texts read_statements(const std::string& dump) {
    test::MemorySource source(dump);
    Reader reader(source);
    Texts texts;
    for (;;) {
        const Event event = reader.next();
        if (std::holds_alternative<EndOfDump>(event)) {
            EXPECT_TRUE(std::get<EndOfDump>(event).complete);
            return texts;
        }
        const auto* statement = std::get_if<Statement>(&event);
        if (statement && statement->kind != StatementKind::connect &&
            statement->kind != StatementKind::restrict_command) {
            texts.push_back(statement->text);
        } else if (const auto* copy = std::get_if<CopyBegin>(&event)) {
            texts.push_back(copy->text);
        }
    }
}

/// The server logs in the database's encoding.
std::string from_shift_jis(const std::string& text) {
    const auto converter = ::iconv_open("UTF-8", "CP932");
    std::string result(4 * text.size(), '\0');
    std::string input = text;
    char* in = input.data();
    std::size_t in_left = input.size();
    char* out = result.data();
    std::size_t out_left = result.size();
    EXPECT_NE(::iconv(converter, &in, &in_left, &out, &out_left), static_cast<std::size_t>(-1));
    ::iconv_close(converter);
    result.resize(result.size() - out_left);
    return result;
}

class DumpReader : public testing::Test {
  public:
    static void SetUpTestSuite() {
        PostgresCluster::Options options;
        options.settings = {{"log_statement", "all"}, {"log_line_prefix", "'%a|'"}};
        cluster_ = new PostgresCluster(options);
        cluster_->psql("postgres", "CREATE ROLE alice; CREATE ROLE \"Bob B\"; "
                                   "CREATE DATABASE rich TEMPLATE template0");
        cluster_->psql_file("rich", DRCTL_TEST_SUPPORT "/rich_database.sql");
        cluster_->psql("postgres",
                       "CREATE DATABASE japanese TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'");
        cluster_->psql("japanese",
                       "CREATE TABLE \"ソ;表\" (\"能\" text DEFAULT E'ソ\\'表;');"
                       "COMMENT ON TABLE \"ソ;表\" IS E'ソ''\\\\ソ';"
                       "INSERT INTO \"ソ;表\" VALUES ('ソ'), (E'表\\\\'), (E'\\\\.ソ')");
    }
    static void TearDownTestSuite() {
        delete cluster_;
        cluster_ = nullptr;
    }

  protected:
    static std::string dump(const std::string& database, const Texts& arguments) {
        const fs::path file = cluster_->root() / "dump.sql";
        fs::remove(file);
        cluster_->dump(database, file, arguments);
        return system::read_file(file);
    }

    /// The statements psql sends when it is given `dump`. It goes on after errors, as by default.
    static Texts sent_by_psql(const std::string& dump, const std::string& database) {
        const std::size_t before = cluster_->log().size();
        const fs::path file = cluster_->root() / "restore.sql";
        system::write_file_atomically(file, dump, 0644);
        const auto result =
            cluster_->run("psql", {"-Xq", "-o", "/dev/null", "-f", file, "-d",
                                   "dbname=" + database + " application_name=splitting"});
        EXPECT_TRUE(result.succeeded()) << result.err;
        return logged_statements(cluster_->log().substr(before), "splitting");
    }

    static void expect_same_as_psql(const std::string& text) {
        cluster_->psql("postgres", "DROP DATABASE IF EXISTS copy");
        cluster_->psql("postgres",
                       "CREATE DATABASE copy TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'");
        // Where the dump makes each object as its owner: a table that is missing would let psql
        // take its rows for statements.
        cluster_->psql("postgres", "GRANT CREATE ON DATABASE copy TO PUBLIC");
        expect_equal(read_statements(text), sent_by_psql(text, "copy"));
    }

    static void expect_equal(const Texts& ours, const Texts& psql) {
        ASSERT_FALSE(psql.empty());
        for (std::size_t i = 0; i < std::min(ours.size(), psql.size()); ++i) {
            ASSERT_EQ(ours[i], psql[i]) << "statement " << i;
        }
        EXPECT_EQ(ours.size(), psql.size());
    }

    static PostgresCluster* cluster_; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
};

PostgresCluster* DumpReader::cluster_ = nullptr;

class DumpReaderOptions : public DumpReader, public testing::WithParamInterface<Texts> {};

TEST_P(DumpReaderOptions, SplitsAsPsqlDoes) {
    expect_same_as_psql(dump("rich", GetParam()));
}

INSTANTIATE_TEST_SUITE_P(
    OfPgDump, DumpReaderOptions,
    testing::Values(Texts{}, Texts{"--verbose"}, Texts{"--clean"}, Texts{"--clean", "--if-exists"},
                    Texts{"--inserts"}, Texts{"--rows-per-insert=7", "--on-conflict-do-nothing"},
                    Texts{"--column-inserts", "--quote-all-identifiers"},
                    Texts{"--no-owner", "--no-acl"}, Texts{"--load-via-partition-root"},
                    Texts{"--schema-only"}, Texts{"--use-set-session-authorization"},
                    Texts{"--no-comments", "--no-publications"}, Texts{"--disable-dollar-quoting"},
                    Texts{"--enable-row-security", "--no-blobs"},
                    Texts{"--section=pre-data", "--section=data"},
                    Texts{"--no-tablespaces", "--no-toast-compression"}));

TEST_F(DumpReader, SplitsAsPsqlDoesWhereBackslashesEscape) {
    cluster_->psql("postgres", "ALTER DATABASE rich SET standard_conforming_strings = off");
    for (const Texts& arguments :
         {Texts{}, Texts{"--inserts"}, Texts{"--disable-dollar-quoting"}}) {
        const std::string text = dump("rich", arguments);
        EXPECT_NE(text.find("SET standard_conforming_strings = off;"), std::string::npos);
        expect_same_as_psql(text);
    }
    cluster_->psql("postgres", "ALTER DATABASE rich RESET standard_conforming_strings");
}

TEST_F(DumpReader, SplitsAsPsqlDoesWithLineEndsOfWindows) {
    std::string text;
    for (const char c : dump("rich", {})) {
        text += c == '\n' ? "\r\n" : std::string(1, c);
    }
    expect_same_as_psql(text);
}

TEST_F(DumpReader, SplitsAsPsqlDoesWhereCharactersHoldABackslash) {
    // With escapes in literals it matters that the second byte of a character is none.
    cluster_->psql("postgres", "ALTER DATABASE japanese SET standard_conforming_strings = off");
    for (const Texts& arguments :
         {Texts{"--encoding=SJIS"}, Texts{"--encoding=SJIS", "--inserts"}}) {
        const std::string text = dump("japanese", arguments);
        EXPECT_NE(text.find("\x83\x5c'"), std::string::npos);
        cluster_->psql("postgres", "DROP DATABASE IF EXISTS copy");
        cluster_->psql("postgres",
                       "CREATE DATABASE copy TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'");
        Texts ours = read_statements(text);
        for (std::string& statement : ours) {
            statement = from_shift_jis(statement);
        }
        expect_equal(ours, sent_by_psql(text, "copy"));
    }
}

TEST_F(DumpReader, SplitsAsPsqlDoesWhereTheDumpCreatesItsDatabase) {
    const std::string text = dump("rich", {"--create", "--clean"});
    test::MemorySource source(text);
    const Outline outline = outline_of(source);
    EXPECT_TRUE(outline.creates_database);
    EXPECT_EQ(outline.database, "rich");
    const Texts ours = read_statements(text);
    expect_equal(ours, sent_by_psql(text, "postgres")); // drops and makes it again
}

TEST_F(DumpReader, CountsTheRowsThatThereAre) {
    const std::string text = dump("rich", {});
    test::MemorySource source(text);
    const Outline outline = outline_of(source);
    EXPECT_EQ(outline.server_major(), std::stoi(cluster_->psql("rich", "SHOW server_version")));
    EXPECT_EQ(outline.lines,
              static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')));
    EXPECT_EQ(outline.bytes, text.size());
    ASSERT_FALSE(outline.copies.empty());
    for (const CopyBlock& copy : outline.copies) {
        EXPECT_EQ(std::to_string(copy.rows),
                  cluster_->psql("rich", "SELECT count(*) FROM ONLY " + copy.table))
            << copy.table;
    }
    for (const SequenceValue& sequence : outline.sequences) {
        EXPECT_EQ(fmt::format("{}|{}", sequence.value, sequence.is_called ? "t" : "f"),
                  cluster_->psql("rich", "SELECT last_value, is_called FROM " + sequence.sequence));
    }
}

TEST_F(DumpReader, SeesWhatTheDumpNeeds) {
    test::MemorySource source(dump("rich", {"--create"}));
    const Requirements needs = outline_of(source).needs;
    EXPECT_EQ(needs.roles, (std::set<std::string>{"Bob B", "alice", cluster_->os_user()}));
    EXPECT_EQ(needs.extensions, std::set<std::string>{"pg_trgm"});
    EXPECT_EQ(needs.database_encoding, "UTF8");
    EXPECT_TRUE(needs.languages.empty());
}

TEST_F(DumpReader, StartsEarlyOnlyWhatBuildsAnIndexOverRowsOfTheDump) {
    test::MemorySource source(dump("rich", {}));
    std::set<std::string> early;
    for (const EarlyStatement& statement : outline_of(source).early) {
        early.insert(statement.object);
    }
    EXPECT_EQ(early, (std::set<std::string>{"\"Ta;ble$$_pkey\"", "\"i;x\"", "ex", "if_pkey",
                                            "part1_pkey", "part1_v_idx", "part2_pkey",
                                            "part2_v_idx", "t_lower_idx", "t_pkey", "t_trgm"}));
    // Rows that went in through the root are not known to be in before all are.
    test::MemorySource through_root(dump("rich", {"--load-via-partition-root"}));
    for (const EarlyStatement& statement : outline_of(through_root).early) {
        EXPECT_EQ(statement.object.rfind("part", 0), std::string::npos) << statement.object;
    }
}

TEST_F(DumpReader, RefusesTheDumpOfAWholeCluster) {
    const std::string text = cluster_->must_run("pg_dumpall", {"--no-sync"});
    EXPECT_THROW(read_statements(text), Error);
}

TEST_F(DumpReader, ReadsGlobals) {
    const std::string text = cluster_->must_run("pg_dumpall", {"--no-sync", "--globals-only"});
    test::MemorySource source(text);
    const Outline outline = outline_of(source);
    EXPECT_TRUE(outline.complete);
    EXPECT_TRUE(outline.header.cluster_dump);
    EXPECT_EQ(outline.statements.at(StatementKind::create_role), 3U);
}

} // namespace
} // namespace drctl::postgres::dump
