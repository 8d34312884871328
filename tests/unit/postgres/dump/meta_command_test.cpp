// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/meta_command.hpp"

#include "drctl/error.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres::dump {
namespace {

std::string connected_to(const std::string& text) {
    const MetaCommand command = parse_meta_command(text, 1);
    EXPECT_EQ(command.kind, MetaCommand::Kind::connect);
    return command.argument;
}

TEST(MetaCommand, ConnectsToNamesInAllFormsOfPgDump) {
    EXPECT_EQ(connected_to("\\connect app"), "app");
    EXPECT_EQ(connected_to("\\connect \"My \"\"app\"\"\""), "My \"app\"");
    EXPECT_EQ(connected_to("\\connect -reuse-previous=on \"dbname='it\\'s'\""), "it's");
    EXPECT_EQ(connected_to("\\connect -reuse-previous=on \"dbname=plain\""), "plain");
    EXPECT_EQ(connected_to("\\connect MixedCase"), "MixedCase"); // psql does not fold it
}

TEST(MetaCommand, HasKeysOfRestrict) {
    const MetaCommand command = parse_meta_command("\\restrict aB3", 1);
    EXPECT_EQ(command.kind, MetaCommand::Kind::restrict_command);
    EXPECT_EQ(command.argument, "aB3");
    EXPECT_EQ(parse_meta_command("\\unrestrict aB3", 1).kind, MetaCommand::Kind::unrestrict);
}

class RefusedCommand : public testing::TestWithParam<const char*> {};

TEST_P(RefusedCommand, NamesTheLineAndIsNotRun) {
    try {
        parse_meta_command(GetParam(), 17);
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::refused);
        EXPECT_NE(error.message().find("line 17"), std::string::npos) << error.message();
        EXPECT_EQ(error.context_value("line"), "17");
        EXPECT_FALSE(error.hint().empty());
    }
}

INSTANTIATE_TEST_SUITE_P(
    MetaCommand, RefusedCommand,
    testing::Values("\\! rm -rf /", "\\i other.sql", "\\copy t from x", "\\o |sh", "\\set a b",
                    "\\", "\\.", "\\connectx", "\\connect", "\\connect a b", "\\connect `id`",
                    "\\connect 'a'", "\\connect :name", "\\connect a\\! id", "\\connect a \\! id",
                    "\\connect \"a\"b", "\\connect \"a", "\\connect host=evil",
                    "\\connect postgresql://evil/db", "\\connect -reuse-previous=on \"host=evil\"",
                    "\\connect -reuse-previous=on \"dbname='a' host=evil\"",
                    "\\connect -reuse-previous=on \"dbname=a host=evil\"", "\\restrict",
                    "\\restrict a b", "\\restrict `id`", "\\g", "\\gexec", "\\;"));

} // namespace
} // namespace drctl::postgres::dump
