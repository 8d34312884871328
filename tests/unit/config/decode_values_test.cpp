// SPDX-License-Identifier: Apache-2.0
#include "config/decode.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace drctl::config {
namespace {

struct Wrong {
    const char* section; ///< lines before
    const char* line;
    const char* message; ///< after `'key' in [section] `
};

class WrongValues : public testing::TestWithParam<Wrong> {};

TEST_P(WrongValues, AreNamedByLineAndColumn) {
    const auto& [section, line, message] = GetParam();
    const auto text = std::string(section) + "\n" + line + "\n";
    const auto found = decode(Document::parse(text, "c.toml")).problems;
    ASSERT_EQ(found.size(), 1U) << text;
    const std::string key(line, std::string_view(line).find(' '));
    const auto start = std::string_view(text).rfind("\n[") + 1; // npos + 1 is 0
    const auto header = text.substr(start, text.find('\n', start) - start);
    EXPECT_EQ(found[0].message, "'" + key + "' in " + header + " " + message);
    EXPECT_EQ(found[0].origin.line,
              static_cast<unsigned>(std::count(text.begin(), text.end(), '\n')));
}

constexpr auto database = "[database.shop]\nconnection = 'host=/tmp'";
constexpr auto service = "[service.shop]\nunit = 'shop.service'";
constexpr auto health = "[health.api]";
constexpr auto http = "[health.api]\nurl = 'http://localhost/'";
constexpr auto query = "[database.shop]\nconnection = 'host=/tmp'\n"
                       "[[database.shop.verify]]\nname = 'n'\nsql = 'SELECT 1'";

INSTANTIATE_TEST_SUITE_P(
    Decode, WrongValues,
    testing::Values(
        Wrong{database, "jobs = \"4\"", "must be a whole number, not a string"},
        Wrong{database, "jobs = 4.0", "must be a whole number, not a decimal number"},
        Wrong{database, "jobs = -1", "must be between 0 and 1024, not -1"},
        Wrong{database, "dbname = 2026-11-23", "must be a string, not a date"},
        Wrong{database, "dbname = ''", "must not be empty"},
        Wrong{database, "dbname = \"a\\u0000b\"", "must not contain a zero byte"},
        Wrong{database, "data_dir = 'data'", "must be an absolute path, not \"data\""},
        Wrong{database, "stop = 'shop'", "must be an array of names, not a string"},
        Wrong{database, "stop = [1]", "must be an array of names, not an array of something else"},
        Wrong{database, "stop_at = 'never'", "must be \"restore\" or \"swap\", not \"never\""},
        Wrong{database, "unattended = true",
              "must be one of the allowed strings, not true or false"},
        Wrong{database, "max_data_loss = '26'",
              "must be a duration such as \"26h\" or a size such as \"16MiB\", not \"26\""},
        Wrong{database, "restore_again_after = '1 day'",
              "must be a duration such as \"2s\", \"15m\" or \"26h\", not \"1 day\""},
        Wrong{database, "start_deadline = '0s'", "must be longer than nothing"},
        Wrong{database, "before_swap = ['a']",
              "must be an array of arrays of strings: programs and their arguments, not an array "
              "of something else"},
        Wrong{database, "before_swap = [[]]",
              "must be an array of arrays of strings: programs and their arguments, not an array "
              "of something else"},
        Wrong{service, "timeout = '0ms'", "must be longer than nothing"},
        Wrong{service, "os_user = 'shop'", "means nothing without manager = \"command\""},
        Wrong{health, "command = []",
              "must be an array of strings: a program and its arguments, not an empty array"},
        Wrong{health, "tcp = 'localhost'", "must be HOST:PORT, not \"localhost\""},
        Wrong{health, "tcp = 'localhost:0'", "must be HOST:PORT, not \"localhost:0\""},
        Wrong{health, "tcp = '::1:5432'", "must be HOST:PORT, not \"::1:5432\""},
        Wrong{health, "url = 'localhost/health'",
              "must be a URL that begins with http:// or https://, not this text"},
        Wrong{http, "expect_status = 99", "must be between 100 and 599, not 99"},
        Wrong{http, "passes = 0", "must be between 1 and 1000, not 0"},
        Wrong{query, "equals = ['a']",
              "must be a string, a number, true or false, not an array of "
              "something else"}));

} // namespace
} // namespace drctl::config
