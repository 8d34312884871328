// SPDX-License-Identifier: Apache-2.0
#include "service/words.hpp"

#include <gtest/gtest.h>

namespace drctl::service {
namespace {

TEST(LastLine, SkipsEmptyOnes) {
    EXPECT_EQ(last_line("one\ntwo\n \n\n"), "two");
    EXPECT_EQ(last_line("one"), "one");
    EXPECT_EQ(last_line(" \n"), "");
    EXPECT_EQ(last_line(""), "");
}

TEST(LastLineAfterColon, PrefersTheErrors) {
    system::ProcessResult result;
    EXPECT_EQ(last_line_after_colon(result), "");
    result.out = "out\n";
    EXPECT_EQ(last_line_after_colon(result), ": out");
    result.err = "err\n";
    EXPECT_EQ(last_line_after_colon(result), ": err");
}

} // namespace
} // namespace drctl::service
