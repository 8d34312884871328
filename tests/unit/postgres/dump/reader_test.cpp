// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/reader.hpp"

#include "support/dump_events.hpp"

#include <gtest/gtest.h>
#include <random>

namespace drctl::postgres::dump {
namespace {

using test::events_of;
using test::MemorySource;

/// Something of everything that makes reading hard, as pg_dump writes it.
const std::string& sample() {
    static const std::string text = R"(--
-- PostgreSQL database dump
--

\restrict aB3

-- Dumped from database version 15.14 (Debian 15.14-0+deb12u1)
-- Dumped by pg_dump version 16.2

-- Started on 2026-11-23 02:00:04 UTC

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
CREATE FUNCTION public.f() RETURNS integer
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT CASE WHEN true THEN 1 END;
END;
CREATE FUNCTION public.g() RETURNS text LANGUAGE plpgsql AS $_$ begin return '$$;'; end $_$;
COMMENT ON TABLE public.t IS 'line
-- two; \. "it''s"';
COPY public."T;able" (id, "na""me") FROM stdin;
1	one
2	\\.
\N	tab\tand \\.x
\.

COPY public.empty  FROM stdin;
\.
INSERT INTO public.t VALUES (1, E'it\'s; \\'), (2, 'two');
-- PostgreSQL database dump complete
--

\unrestrict aB3

)";
    return text;
}

const std::string& events_of_sample() {
    static const std::string events = events_of(sample());
    return events;
}

std::string crlf(const std::string& text) {
    std::string result;
    for (const char c : text) {
        result += c == '\n' ? "\r\n" : std::string(1, c);
    }
    return result;
}

TEST(Reader, TellsADumpAsEvents) {
    EXPECT_EQ(events_of_sample(), R"(5 #0 restrict_command []: \restrict aB3
12 #1 set [client_encoding]: SET client_encoding = 'UTF8';
13 #2 set [standard_conforming_strings]: SET standard_conforming_strings = on;
14 #3 other [public.f]: CREATE FUNCTION public.f() RETURNS integer
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT CASE WHEN true THEN 1 END;
END;
19 #4 other [public.g]: CREATE FUNCTION public.g() RETURNS text LANGUAGE plpgsql AS $_$ begin return '$$;'; end $_$;
20 #5 other [public.t]: COMMENT ON TABLE public.t IS 'line
-- two; \. "it''s"';
22 #6 public."T;able" (id,"na""me"): 1	one
2	\\.
\N	tab\tand \\.x
3 rows, 29 bytes
28 #7 public.empty (): 0 rows, 0 bytes
30 #8 insert [public.t]: INSERT INTO public.t VALUES (1, E'it\'s; \\'), (2, 'two');
34 #9 restrict_command []: \unrestrict aB3
end, complete, 35 lines, )" + std::to_string(sample().size()) +
                                      " bytes\n");
}

TEST(Reader, TellsTheSameWhereverTheInputIsSplit) {
    for (std::size_t piece = 1; piece < 80; ++piece) {
        ASSERT_EQ(events_of(sample(), piece, 64), events_of_sample()) << "pieces of " << piece;
    }
    for (std::size_t chunk = 1; chunk < 80; ++chunk) {
        ASSERT_EQ(events_of(sample(), 1 << 20, chunk), events_of_sample()) << "chunks of " << chunk;
    }
}

TEST(Reader, KnowsWhatTheHeaderSays) {
    MemorySource source(sample());
    Reader reader(source);
    static_cast<void>(reader.next());
    EXPECT_TRUE(reader.header().database_dump);
    EXPECT_FALSE(reader.header().cluster_dump);
    static_cast<void>(reader.next());
    EXPECT_EQ(reader.encoding(), "UTF8");
    EXPECT_EQ(reader.header().server_version, "15.14 (Debian 15.14-0+deb12u1)");
    EXPECT_EQ(reader.header().pg_dump_version, "16.2");
    EXPECT_EQ(reader.header().started, "2026-11-23 02:00:04 UTC");
    EXPECT_EQ(major_version(reader.header().server_version), 15);
}

TEST(Reader, ReadsLineEndsOfWindows) {
    const std::vector<Statement> statements = test::statements_of(crlf(sample()));
    ASSERT_EQ(statements.size(), 8U);
    EXPECT_EQ(statements.front().text, "\\restrict aB3");
    EXPECT_EQ(statements.back().line, 34U);
    EXPECT_NE(events_of(crlf(sample())).find("3 rows, 32 bytes"), std::string::npos);
    EXPECT_NE(events_of(crlf(sample())).find("end, complete, 35 lines"), std::string::npos);
}

/// All chunks of the one COPY block of `dump`.
std::vector<CopyRows> chunks_of(const std::string& dump, std::size_t chunk_size) {
    MemorySource source(dump);
    Reader reader(source, {.chunk_size = chunk_size});
    std::vector<CopyRows> chunks;
    for (;;) {
        Event event = reader.next();
        if (std::holds_alternative<EndOfDump>(event)) {
            return chunks;
        }
        if (auto* rows = std::get_if<CopyRows>(&event)) {
            chunks.push_back(std::move(*rows));
        }
    }
}

TEST(Reader, CutsRowsAtTheirEndsIntoChunks) {
    constexpr std::size_t chunk_size = 256 << 10;
    std::mt19937 random(7); // NOLINT(bugprone-random-generator-seed,cert-msc51-cpp): repeatable
    std::string rows;
    std::uint64_t count = 0;
    for (; rows.size() < 10 * chunk_size; ++count) {
        rows += std::string(random() % 300, 'x') + "\n";
    }
    const std::vector<CopyRows> chunks =
        chunks_of("COPY t FROM stdin;\n" + rows + "\\.\n", chunk_size);
    std::string joined;
    std::uint64_t counted = 0;
    for (const CopyRows& chunk : chunks) {
        EXPECT_TRUE(chunk.ends_with_row);
        EXPECT_EQ(chunk.data().back(), '\n');
        EXPECT_EQ(chunk.first_line, 2 + counted);
        EXPECT_TRUE(chunk.size >= chunk_size || &chunk == &chunks.back() ||
                    &chunk == &chunks.front());
        joined += chunk.data();
        counted += chunk.rows;
    }
    EXPECT_EQ(joined, rows);
    EXPECT_EQ(counted, count);
    EXPECT_LT(chunks.size(), 12U);
}

TEST(Reader, HandsOverARowThatFitsNoChunkInPieces) {
    const std::string row(1 << 20, 'x');
    const std::vector<CopyRows> chunks =
        chunks_of("COPY t FROM stdin;\na\n" + row + "\nb\n\\.\n", 64 << 10);
    std::string joined;
    std::uint64_t rows = 0;
    for (const CopyRows& chunk : chunks) {
        EXPECT_EQ(chunk.ends_with_row, chunk.data().back() == '\n');
        EXPECT_LE(chunk.size, std::size_t{128} << 10);
        joined += chunk.data();
        rows += chunk.rows;
    }
    EXPECT_EQ(joined, "a\n" + row + "\nb\n");
    EXPECT_EQ(rows, 3U);
    EXPECT_GT(chunks.size(), 8U);
}

TEST(Reader, FillsRecycledBuffersWithTheSame) {
    std::string dump;
    for (int block = 0; block < 40; ++block) {
        dump += "COPY t" + std::to_string(block) + " FROM stdin;\n";
        for (int row = 0; row < block * 400; ++row) {
            dump += std::to_string(row * block) + "\n";
        }
        dump += "\\.\n";
    }
    MemorySource source(dump);
    Reader reader(source, {.chunk_size = 64 << 10});
    test::EventText text;
    for (bool ended = false; !ended;) {
        Event event = reader.next();
        std::visit(text, event);
        ended = std::holds_alternative<EndOfDump>(event);
        if (auto* rows = std::get_if<CopyRows>(&event)) {
            reader.recycle(std::move(rows->buffer));
        }
    }
    EXPECT_EQ(text.text(), events_of(dump));
}

TEST(Reader, IsCompleteOnlyWithTheLineThatSaysSoBehindEverything) {
    const std::string line = "-- PostgreSQL database dump complete\n";
    EXPECT_NE(events_of("SELECT 1;\n" + line).find("end, complete"), std::string::npos);
    EXPECT_EQ(events_of("SELECT 1;\n").find("end, complete"), std::string::npos);
    EXPECT_EQ(events_of(line + "SELECT 1;\n").find("end, complete"), std::string::npos);
    EXPECT_EQ(events_of("SELECT '\n" + line + "';").find("end, complete"), std::string::npos);
    EXPECT_EQ(events_of("/*\n" + line + "*/").find("end, complete"), std::string::npos);
    // psql would wait for \unrestrict: the file has been cut behind the line.
    EXPECT_EQ(events_of("\\restrict k\n" + line).find("end, complete"), std::string::npos);
}

TEST(Reader, SaysTheSameAgainAtTheEnd) {
    MemorySource source("-- PostgreSQL database dump complete");
    Reader reader(source);
    for (int i = 0; i < 3; ++i) {
        const Event event = reader.next();
        ASSERT_TRUE(std::holds_alternative<EndOfDump>(event));
        EXPECT_TRUE(std::get<EndOfDump>(event).complete);
    }
}

TEST(Reader, NamesTheDatabaseOfADumpThatCreatesIt) {
    MemorySource source("CREATE DATABASE \"A b\";\n"
                        "\\connect -reuse-previous=on \"dbname='A b'\"\nSELECT 1;\n"
                        "COMMENT ON DATABASE \"A b\" IS 'x';");
    Reader reader(source);
    while (!std::holds_alternative<EndOfDump>(reader.next())) {
    }
    EXPECT_EQ(reader.database(), "A b");
}

TEST(Reader, ReadsAStatementOfManyMegabytes) {
    const std::string text = "SELECT '" + std::string(std::size_t{20} << 20, 'x') + "';";
    EXPECT_EQ(test::statements_of(text + text).back().text, text);
}

} // namespace
} // namespace drctl::postgres::dump
