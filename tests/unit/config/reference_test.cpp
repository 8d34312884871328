// SPDX-License-Identifier: Apache-2.0
#include "config/reference.hpp"

#include "config/decode.hpp"

#include <gmock/gmock.h>
#include <sstream>

namespace drctl::config {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

TEST(ReferenceMarkdown, HasARowForEveryKeyOfEverySection) {
    const auto page = reference_markdown();
    for (const auto* section : schema()) {
        const auto heading = page.find("\n## `" + section->header() + "`\n");
        ASSERT_NE(heading, std::string::npos) << section->header();
        const auto end = page.find("\n## ", heading + 1);
        for (const auto& key : section->keys) {
            const auto row = page.find("\n| `" + std::string(key.name) + "` | ", heading);
            EXPECT_LT(row, end) << section->header() << " " << key.name;
        }
    }
}

TEST(ReferenceMarkdown, GivesDefaultsAllowedValuesAndConditions) {
    const auto page = reference_markdown();
    EXPECT_THAT(page, HasSubstr("| `manager` | `\"systemd\"` or `\"command\"` | `\"systemd\"` | "));
    EXPECT_THAT(page, HasSubstr("| `unit` | a string | **required** | The systemd unit, with its "
                                "suffix. Only with `manager = \"systemd\"`. Example: `unit = "
                                "\"nginx.service\"` |"));
    EXPECT_THAT(page, HasSubstr("| `stop` | names of `[service.*]` | none | "));
    EXPECT_THAT(page, HasSubstr("| `dbname` | a string | the section's NAME | "));
    EXPECT_THAT(page,
                HasSubstr("Exactly one of `url`, `tcp`, `database`, `command` must be there."));
}

TEST(CommentedFile, IsValidAndChangesNothingAsItStands) {
    const auto text = commented_file({"A heading."}, {});
    EXPECT_THAT(text, HasSubstr("# A heading.\n"));
    for (const auto& line : lines_of(text)) {
        EXPECT_TRUE(line.empty() || line.front() == '#') << line;
        EXPECT_LE(line.size(), 160U) << line;
    }
}

TEST(CommentedFile, HasEveryKeyOfEverySectionAsASettingToTake) {
    const auto lines = lines_of(commented_file({}, {}));
    for (const auto* section : schema()) {
        for (const auto& key : section->keys) {
            const auto start = "#" + std::string(key.name) + " = ";
            EXPECT_TRUE(std::any_of(lines.begin(), lines.end(),
                                    [&](const auto& line) { return line.starts_with(start); }))
                << section->header() << " " << key.name;
        }
    }
}

TEST(CommentedFile, ExplainsAKindOfSectionOnceAndKeepsWhatWasFound) {
    Draft first;
    first.section = find_section("service");
    first.name = "pg";
    first.lines = {{"unit", Value{std::string("pg.service"), {}}}};
    first.remarks = {"Seen here."};
    auto second = first;
    second.name = "web";
    second.lines.push_back({"timeout", Value{std::string("5s"), {}}, false});
    const auto text = commented_file({}, {first, second});
    EXPECT_THAT(text,
                HasSubstr("# Seen here.\n[service.pg]\n# Who starts and stops it: systemd, or "
                          "commands of your own.\n#manager = \"systemd\"\n# The systemd unit, "
                          "with its suffix.\nunit = \"pg.service\"\n"));
    EXPECT_THAT(text,
                HasSubstr("\n\n# Seen here.\n[service.web]\nunit = \"pg.service\"\n#timeout = "
                          "\"5s\"\n\n"));
    const auto decoded = decode(Document::parse(text, "draft"));
    EXPECT_THAT(decoded.problems, IsEmpty());
    EXPECT_EQ(decoded.config.services.size(), 2U);
}

TEST(CommentedFile, CommentsAWholeSectionOut) {
    Draft draft;
    draft.section = find_section("database");
    draft.name = "NAME";
    draft.lines = {{"connection", Value{std::string("host=/tmp"), {}}}};
    draft.active = false;
    const auto text = commented_file({}, {draft});
    EXPECT_THAT(text, HasSubstr("#[database.NAME]\n"));
    EXPECT_THAT(text, HasSubstr("\n#connection = \"host=/tmp\"\n"));
    EXPECT_THAT(decode(Document::parse(text, "draft")).config.databases, IsEmpty());
}

} // namespace
} // namespace drctl::config
