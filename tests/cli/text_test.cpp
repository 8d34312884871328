// SPDX-License-Identifier: Apache-2.0
#include "views/text.hpp"

#include "views/style.hpp"

#include <gtest/gtest.h>

namespace drctl::app::views {
namespace {

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
