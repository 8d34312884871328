// SPDX-License-Identifier: Apache-2.0
#include "system/shell_words.hpp"

#include <gtest/gtest.h>

namespace drctl::system {
namespace {

TEST(ShellWord, IsQuotedOnlyWhereAShellWouldReadItOtherwise) {
    EXPECT_EQ(shell_word("/etc/drctl/a-b_c.1"), "/etc/drctl/a-b_c.1");
    EXPECT_EQ(shell_word("my file"), "'my file'");
    EXPECT_EQ(shell_word("$HOME;rm"), "'$HOME;rm'");
    EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
    EXPECT_EQ(shell_word(""), "''");
}

TEST(ShellLine, JoinsWords) {
    EXPECT_EQ(shell_line({"pass", "show", "my shop"}), "pass show 'my shop'");
    EXPECT_EQ(shell_line({}), "");
}

} // namespace
} // namespace drctl::system
