// SPDX-License-Identifier: Apache-2.0
#include "system/printable.hpp"

#include <gtest/gtest.h>

namespace drctl::system {
namespace {

TEST(Printable, LeavesOrdinaryTextInAnyLanguageAlone) {
    const std::string text = "größe 数据库 🚨 'quoted' \\ back";
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, EscapesWhatATerminalWouldObey) {
    EXPECT_EQ(printable("a\x1b[31mred\x07"), "a\\x1b[31mred\\x07");
    EXPECT_EQ(printable("del\x7f"), "del\\x7f");
    EXPECT_EQ(printable("csi\xC2\x9B"), "csi\\u{009b}");
}

TEST(Printable, EscapesWhatMakesALineReadAsAnother) {
    EXPECT_EQ(printable("a\xE2\x80\xAE"
                        "b"),
              "a\\u{202e}b");
}

TEST(Printable, KeepsAMessageOnOneLine) {
    EXPECT_EQ(printable("one\ntwo\tthree"), "one two three");
}

TEST(Printable, EscapesEachByteThatIsNoUtf8) {
    EXPECT_EQ(printable("\xff"), "\\xff");
    EXPECT_EQ(printable("cut\xE2\x82"), "cut\\xe2\\x82");
    EXPECT_EQ(printable("overlong\xC0\xAF"), "overlong\\xc0\\xaf");
    EXPECT_EQ(printable("surrogate\xED\xA0\x80"), "surrogate\\xed\\xa0\\x80");
}

} // namespace
} // namespace drctl::system
