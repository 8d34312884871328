// SPDX-License-Identifier: Apache-2.0
#include "config/value.hpp"

#include "config/toml_text.hpp"
#include "drctl/error.hpp"

#include <gtest/gtest.h>

namespace drctl::config {
namespace {

const Origin here{Origin::Kind::file, "a.toml", 1, 1};

Value value(std::string_view toml) {
    return parse_value(toml, here);
}

TEST(Value, WritesTomlThatReadsBackAsTheSameValue) {
    for (const std::string_view toml :
         {R"("a \"quoted\" \\ \u0001 ü \u007F")", "-9223372036854775808", "1.5", "3.0", "inf",
          "true", "[[\"a\", \"b\"], []]", R"({ "a b" = 1, c = { d = "x" } })", "{}"}) {
        const auto first = value(toml);
        const auto again = value(to_toml(first));
        EXPECT_EQ(first.data.index(), again.data.index()) << toml;
        EXPECT_EQ(to_json(first), to_json(again)) << toml;
    }
}

TEST(Value, WritesJsonWithSortedKeysSoThatEqualValuesHaveEqualTexts) {
    EXPECT_EQ(to_json(value("{ b = 1, a = [true, \"x\"] }")), R"({"a":[true,"x"],"b":1})");
    EXPECT_EQ(to_json(value("{ a = [ true, 'x' ], b = 0x1 }")), R"({"a":[true,"x"],"b":1})");
}

TEST(Value, TellsNumbersThatJsonLacksApart) {
    EXPECT_NE(to_json(value("inf")), to_json(value("-inf")));
    EXPECT_NE(to_json(value("inf")), to_json(value("nan")));
}

TEST(Value, ReadsItsOwnJson) {
    const std::string json = R"({"a":[1,"x",{"b":false}],"c":0.5})";
    EXPECT_EQ(to_json(from_json(json, here)), json);
}

TEST(Value, RefusesJsonWithoutACounterpart) {
    for (const std::string_view json : {"null", "[null]", "{", "", "1 2"}) {
        EXPECT_THROW(from_json(json, here), Error) << json;
    }
}

TEST(Table, KeepsKeysSortedAndOnce) {
    Table table;
    table.put("b", here, Value{std::int64_t{1}, here});
    table.put("a", here, Value{std::int64_t{2}, here});
    table.put("b", here, Value{std::int64_t{3}, here});
    ASSERT_EQ(table.entries().size(), 2U);
    EXPECT_EQ(table.entries().front().key, "a");
    EXPECT_EQ(*table.find("b")->integer(), 3);
    EXPECT_EQ(table.find("c"), nullptr);
}

TEST(PathText, QuotesWhatIsNoBareKey) {
    EXPECT_EQ(path_text({"database", "my shop", "jobs"}), "database.\"my shop\".jobs");
    EXPECT_EQ(path_text({"a.b", "", "c"}), "\"a.b\".\"\".c");
}

TEST(InQuotes, EscapesAndCutsBetweenCharacters) {
    EXPECT_EQ(in_quotes("a\n\"b\""), R"("a\n\"b\"")");
    EXPECT_EQ(in_quotes(std::string(59, 'x') + "üy"), '"' + std::string(59, 'x') + "\"…");
}

TEST(IsUtf8, TellsWellFormedTextFromOther) {
    EXPECT_TRUE(is_utf8("grün 🌱"));
    EXPECT_FALSE(is_utf8("gr\xfcn"));
    EXPECT_FALSE(is_utf8("\xc0\xaf"));
}

} // namespace
} // namespace drctl::config
