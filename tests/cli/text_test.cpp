// SPDX-License-Identifier: Apache-2.0
#include "views/text.hpp"

#include "views/style.hpp"

#include <gtest/gtest.h>

namespace drctl::app::views {
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

TEST(Wrap, BreaksAtBlanksWithinTheWidth) {
    EXPECT_EQ(wrap("the quick brown fox", 9), (std::vector<std::string>{"the quick", "brown fox"}));
}

TEST(Wrap, KeepsALongWordWhole) {
    EXPECT_EQ(wrap("a /var/lib/postgresql/15/main b", 10),
              (std::vector<std::string>{"a", "/var/lib/postgresql/15/main", "b"}));
}

TEST(Wrap, CountsCodePointsNotBytes) {
    EXPECT_EQ(wrap("äöü äöü", 7), (std::vector<std::string>{"äöü äöü"}));
}

TEST(Table, AlignsColumnsAndLeavesNoBlanksAtLineEnds) {
    const std::string green = Style(true).paint(Tone::good, "ok");
    EXPECT_EQ(table({{"a", "bb", ""}, {"cccc", "d", "e"}}), "a     bb\ncccc  d   e\n");
    EXPECT_EQ(table({{green, "x"}, {"long", "y"}}), green + "    x\nlong  y\n");
}

TEST(Style, PaintsOnlyWhenEnabled) {
    EXPECT_EQ(Style(false).paint(Tone::bad, "no"), "no");
    EXPECT_EQ(Style(true).paint(Tone::bad, "no"), "\x1b[1;31mno\x1b[0m");
}

} // namespace
} // namespace drctl::app::views
