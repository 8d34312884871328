// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/rows.hpp"

#include <gtest/gtest.h>
#include <random>
#include <string>

namespace drctl::postgres::dump {
namespace {

/// What scan_rows() has to find, byte by byte.
RowScan expected(std::string_view data, bool at_row_start) {
    RowScan scan;
    bool line_start = at_row_start;
    for (std::size_t at = 0; at < data.size(); ++at) {
        const std::string_view rest = data.substr(at);
        const std::size_t end = rest.substr(0, 3) == "\\.\n"     ? 3
                                : rest.substr(0, 4) == "\\.\r\n" ? 4
                                                                 : 0;
        if (line_start && end != 0) {
            scan.terminator = at;
            scan.resume = at + end;
            return scan;
        }
        if (data[at] == '\0') {
            scan.nul = at;
            return scan;
        }
        line_start = data[at] == '\n';
        if (line_start) {
            ++scan.rows;
            scan.rows_end = at + 1;
        }
    }
    return scan;
}

void expect_same(const std::string& data, bool at_row_start) {
    const RowScan scan = scan_rows(data, at_row_start);
    const RowScan wanted = expected(data, at_row_start);
    EXPECT_EQ(scan.rows, wanted.rows) << data;
    EXPECT_EQ(scan.rows_end, wanted.rows_end) << data;
    EXPECT_EQ(scan.terminator, wanted.terminator) << data;
    EXPECT_EQ(scan.resume, wanted.resume) << data;
    EXPECT_EQ(scan.nul, wanted.nul) << data;
}

TEST(Rows, AreCountedAndEndedAsByteByByte) {
    std::mt19937 random(
        20261123); // NOLINT(bugprone-random-generator-seed,cert-msc51-cpp): repeatable
    for (int round = 0; round < 20'000; ++round) {
        std::string data(random() % 70, 'x');
        for (char& c : data) {
            c = "xxxx\n\n\\\\..\r\tN"[random() % 13];
        }
        if (!data.empty() && random() % 8 == 0) {
            data[random() % data.size()] = '\0';
        }
        expect_same(data, random() % 2 == 0);
    }
}

TEST(Rows, FindTheTerminatorAtEveryDistance) {
    for (std::size_t size = 0; size < 600; ++size) {
        expect_same(std::string(size, 'x') + "\n\\.\n--\n", true);
        expect_same(std::string(size, '\n') + "\\.\r\nSELECT", true);
        expect_same(std::string(size, 'x') + "\n\\.",
                    true); // whether it ends there is not known yet
    }
}

TEST(Rows, AreCountedBeyondWhatAByteCanCount) {
    const std::string data(1'000'003, '\n');
    EXPECT_EQ(scan_rows(data, true).rows, data.size());
    EXPECT_EQ(count_line_ends(data), data.size());
}

} // namespace
} // namespace drctl::postgres::dump
