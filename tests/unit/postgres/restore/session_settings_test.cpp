// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/session_settings.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres::restore {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

dump::Statement set(const std::string& parameter, const std::string& text) {
    dump::Statement statement;
    statement.kind = dump::StatementKind::set;
    statement.object = parameter;
    statement.text = text;
    return statement;
}

TEST(SettingTrail, KeepsTheLastOfEachParameterInOrder) {
    SettingTrail trail;
    trail.apply(set("a", "SET a = 1;"));
    trail.apply(set("b", "SET b = 1;"));
    trail.apply(set("a", "SET a = 2;"));
    EXPECT_EQ(*trail.now(), (SettingList{{"b", "SET b = 1;"}, {"a", "SET a = 2;"}}));
}

TEST(SettingTrail, SharesOneListBetweenTwoSettings) {
    SettingTrail trail;
    trail.apply(set("a", "SET a = 1;"));
    const auto before = trail.now();
    EXPECT_EQ(before, trail.now());
    trail.apply(set("b", "SET b = 1;"));
    EXPECT_EQ(before->size(), 1U); // who has it keeps it
    EXPECT_EQ(trail.now()->size(), 2U);
}

TEST(SettingTrail, ForgetsAllOnResetAll) {
    SettingTrail trail;
    trail.apply(set("a", "SET a = 1;"));
    trail.apply(set("all", "RESET ALL;"));
    EXPECT_THAT(*trail.now(), IsEmpty());
}

TEST(SessionSettings, ChangesOnlyWhatDiffers) {
    const SettingList from{{"a", "SET a = 1;"}, {"b", "SET b = 1;"}, {"c", "SET c = 1;"}};
    const SettingList to{{"a", "SET a = 1;"}, {"b", "SET b = 2;"}, {"d", "SET d = 1;"}};
    EXPECT_THAT(changes_between(from, to), ElementsAre("RESET c", "SET b = 2;", "SET d = 1;"));
    EXPECT_THAT(changes_between(to, to), IsEmpty());
}

TEST(SessionSettings, ChangesTheUserLastAndGoesBackFirst) {
    const SettingList from{{"session authorization", "SET SESSION AUTHORIZATION 'alice';"}};
    const SettingList to{{"session authorization", "SET SESSION AUTHORIZATION 'bob';"},
                         {"a", "SET a = 1;"}};
    EXPECT_THAT(changes_between(from, to),
                ElementsAre("RESET SESSION AUTHORIZATION", "RESET ROLE", "SET a = 1;",
                            "SET SESSION AUTHORIZATION 'bob';"));
    EXPECT_THAT(changes_between(to, {}),
                ElementsAre("RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET a"));
}

} // namespace
} // namespace drctl::postgres::restore
