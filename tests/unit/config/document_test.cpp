// SPDX-License-Identifier: Apache-2.0
#include "config/document.hpp"

#include "drctl/error.hpp"
#include "system/files.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace drctl::config {
namespace {

struct Thrown {
    ErrorCode code;
    std::string message;
    std::string hint;
};

template <typename Call>
Thrown thrown_by(Call call) {
    try {
        call();
    } catch (const Error& error) {
        return {error.code(), error.message(), error.hint()};
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
}

TEST(Document, KnowsWhereEachValueWasWritten) {
    const auto document =
        Document::parse("[database.shop]\ndbname = \"x\"\n\njobs =   4\n", "a.toml");
    EXPECT_EQ(document.find({"database", "shop", "dbname"})->origin.text(), "a.toml:2:10");
    EXPECT_EQ(document.find({"database", "shop", "jobs"})->origin.text(), "a.toml:4:10");
    EXPECT_EQ(document.find_table({"database", "shop"})->find_entry("jobs")->key_origin.text(),
              "a.toml:4:1");
    EXPECT_EQ(document.find({"database", "shop", "none"}), nullptr);
    EXPECT_EQ(document.find({"database", "shop", "jobs", "deeper"}), nullptr);
}

TEST(Document, NamesLineAndColumnOfASyntaxError) {
    const auto error = thrown_by([] { Document::parse("[state]\ndir = /var\n", "a.toml"); });
    EXPECT_EQ(error.code, ErrorCode::usage);
    EXPECT_TRUE(error.message.starts_with("cannot read the configuration: a.toml:2:7: "))
        << error.message;
    EXPECT_EQ(error.hint, "correct that line, then run 'drctl config check'");
}

TEST(Document, RefusesTextThatIsNotUtf8) {
    const auto error = thrown_by([] { Document::parse("a = \"gr\xfcn\"\n", "a.toml"); });
    EXPECT_EQ(error.code, ErrorCode::usage);
    EXPECT_NE(error.message.find("a.toml:1:"), std::string::npos) << error.message;
    EXPECT_NE(error.message.find("utf-8"), std::string::npos) << error.message;
}

TEST(Document, RefusesAKeyThatIsWrittenTwice) {
    const auto error = thrown_by([] { Document::parse("a = 1\na = 2\n", "a.toml"); });
    EXPECT_NE(error.message.find("a.toml:2:"), std::string::npos) << error.message;
}

TEST(Document, SaysThatTheFileIsMissingAndWhoNamedIt) {
    const auto error = thrown_by([] { Document::read("/nowhere/x.toml", "$DRCTL_CONFIG"); });
    EXPECT_EQ(error.code, ErrorCode::usage);
    EXPECT_EQ(error.message,
              "cannot read '/nowhere/x.toml' (from $DRCTL_CONFIG): there is no such file");
    EXPECT_EQ(error.hint,
              "write one with 'sudo drctl config init', or name yours with --config FILE");
}

TEST(Document, SaysThatTheFileIsADirectory) {
    const auto error = thrown_by([] { Document::read("/tmp"); });
    EXPECT_EQ(error.code, ErrorCode::usage);
    EXPECT_EQ(error.message, "cannot read '/tmp': it is a directory");
}

TEST(Document, ReadsAFileWithAByteOrderMark) {
    const system::TemporaryDirectory directory;
    const auto path = directory.path() / "drctl.toml";
    std::ofstream(path) << "\xef\xbb\xbf"
                           "a = 1\n";
    EXPECT_EQ(*Document::read(path).find({"a"})->integer(), 1);
}

struct Override {
    const char* assignment;
    KeyPath path;
    const char* json;
};

class Overrides : public testing::TestWithParam<Override> {};

TEST_P(Overrides, AreReadAsTomlOrElseAsTheyStand) {
    Document document;
    document.set(GetParam().assignment);
    const auto* value = document.find(GetParam().path);
    ASSERT_NE(value, nullptr);
    EXPECT_EQ(to_json(*value), GetParam().json);
    EXPECT_EQ(value->origin.text(), "--set " + path_text(GetParam().path));
}

INSTANTIATE_TEST_SUITE_P(Document, Overrides,
                         testing::Values(Override{"a=1", {"a"}, "1"},
                                         Override{"a.b = true", {"a", "b"}, "true"},
                                         Override{"a=26h", {"a"}, "\"26h\""},
                                         Override{"a=", {"a"}, "\"\""},
                                         Override{"a=\"1\"", {"a"}, "\"1\""},
                                         Override{"a=['x', 'y']", {"a"}, R"(["x","y"])"},
                                         Override{"a={ file = '/x' }", {"a"}, R"({"file":"/x"})"},
                                         Override{"a=x = y", {"a"}, "\"x = y\""},
                                         Override{"a=1\nb = 2", {"a"}, "\"1\\nb = 2\""},
                                         Override{"a.\"b=c\".d=1", {"a", "b=c", "d"}, "1"},
                                         Override{"a.'b.c'=x", {"a", "b.c"}, "\"x\""},
                                         Override{"a.\"b\\\"=\"=x", {"a", "b\"="}, "\"x\""}));

TEST(Document, ReplacesWhatTheFileSaysByAnOverride) {
    auto document = Document::parse("[a]\nb = 1\nc = 2\n", "a.toml");
    document.set("a.b=3");
    EXPECT_EQ(to_json(*document.find({"a"})), R"({"b":3,"c":2})");
    EXPECT_EQ(document.find({"a", "c"})->origin.text(), "a.toml:3:5");
}

TEST(Document, RefusesOverridesThatAreNone) {
    for (const auto* wrong :
         {"a", "=1", "a b=1", "a.=1", ".a=1", "a.b #=1", "a\nb=1", "[x]\na=1", "\"open=1"}) {
        EXPECT_EQ(thrown_by([&] { Document().set(wrong); }).code, ErrorCode::usage) << wrong;
    }
    EXPECT_EQ(thrown_by([] { Document().set("a=\xff"); }).message,
              "cannot use --set \"a=\xEF\xBF\xBD\": it is not UTF-8");
}

TEST(Document, RefusesAnOverrideBelowAValue) {
    auto document = Document::parse("[database.shop]\njobs = 1\n", "a.toml");
    const auto error = thrown_by([&] { document.set("database.shop.jobs.x=1"); });
    EXPECT_EQ(error.message, "cannot set 'database.shop.jobs.x': 'database.shop.jobs' is a whole "
                             "number, not a table");
    EXPECT_EQ(error.hint, "set 'database.shop.jobs' as a whole");
}

TEST(Document, ComesBackFromItsFlatForm) {
    const auto document = Document::parse(R"(
[database."my shop"]
stop = ["a", "b"]
password = { file = "/x" }
[database."my shop".backups]
[[database."my shop".verify]]
name = "n"
min = 1
)",
                                          "a.toml");
    Flat flat;
    flatten({"database"}, *document.find({"database"}), flat);
    EXPECT_EQ(flat, (Flat{{"database.\"my shop\".backups", "{}"},
                          {"database.\"my shop\".password.file", "\"/x\""},
                          {"database.\"my shop\".stop", R"(["a","b"])"},
                          {"database.\"my shop\".verify", R"([{"min":1,"name":"n"}])"}}));
    const auto again = Document::from_flat(flat, "the journal");
    EXPECT_EQ(to_json(*again.find({"database"})), to_json(*document.find({"database"})));
    EXPECT_EQ(again.find({"database", "my shop", "stop"})->origin.text(), "the journal");
}

TEST(Document, CallsAFlatFormThatIsNoneDamaged) {
    for (const auto& flat : {Flat{{"a b", "1"}}, Flat{{"a = 0 #", "1"}}, Flat{{"a = 0\nb", "1"}},
                             Flat{{"a", "{"}}, Flat{{"a", "1"}, {"a.b", "1"}}}) {
        EXPECT_EQ(thrown_by([&] { Document::from_flat(flat, "x"); }).code, ErrorCode::damaged);
    }
}

} // namespace
} // namespace drctl::config
