// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/ledger.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres::restore {
namespace {

using dump::Section;
using dump::Statement;
using dump::StatementKind;

Statement statement(StatementKind kind, Section section = Section::pre_data) {
    Statement result;
    result.kind = kind;
    result.section = section;
    result.line = 12;
    result.verb = "DROP TABLE";
    result.object = "public.t";
    return result;
}

Error error(const std::string& sqlstate) {
    return Error(ErrorCode::failed, "cannot do it").with("sqlstate", sqlstate);
}

TEST(Tolerance, LetsDropsOfACleanDumpMissTheirObjects) {
    const auto drop = statement(StatementKind::drop, Section::clean);
    for (const auto* const sqlstate : {"42P01", "42704", "42883", "3F000", "2BP01"}) {
        EXPECT_EQ(why_tolerated(drop, error(sqlstate)), Tolerated::Why::clean_drop) << sqlstate;
    }
    for (const auto* const sqlstate : {"53100", "57P01", "XX001", "08006", ""}) {
        EXPECT_EQ(why_tolerated(drop, error(sqlstate)), std::nullopt) << sqlstate;
    }
    EXPECT_EQ(why_tolerated(statement(StatementKind::drop), error("42P01")), std::nullopt);
}

TEST(Tolerance, LetsSettingsBeUnknownButNotWrong) {
    const auto set = statement(StatementKind::set);
    EXPECT_EQ(why_tolerated(set, error("42704")), Tolerated::Why::unknown_setting);
    EXPECT_EQ(why_tolerated(set, error("22023")), std::nullopt);
    EXPECT_EQ(why_tolerated(statement(StatementKind::other), error("42704")), std::nullopt);
}

TEST(Tolerance, LetsRolesBeThere) {
    EXPECT_EQ(why_tolerated(statement(StatementKind::create_role), error("42710")),
              Tolerated::Why::role_exists);
    EXPECT_EQ(why_tolerated(statement(StatementKind::alter_role), error("42710")), std::nullopt);
}

TEST(Tolerance, LetsTheSchemaBeThereThatEachDatabaseBeginsWith) {
    auto schema = statement(StatementKind::create_schema);
    for (const auto* const name : {"public", "\"public\""}) {
        schema.object = name;
        EXPECT_EQ(why_tolerated(schema, error("42P06")), Tolerated::Why::schema_exists) << name;
        EXPECT_EQ(why_tolerated(schema, error("42501")), std::nullopt);
    }
    schema.object = "shop";
    EXPECT_EQ(why_tolerated(schema, error("42P06")), std::nullopt);
    schema.object = "\"Public\"";
    EXPECT_EQ(why_tolerated(schema, error("42P06")), std::nullopt);
}

TEST(Tolerance, IsToldOfTheFirstFew) {
    const Tolerated setting{Tolerated::Why::unknown_setting, 7, "SET future_setting", "42704"};
    EXPECT_TRUE(in_words({}).empty());
    EXPECT_EQ(in_words({setting}),
              std::vector<std::string>{
                  "line 7 (SET future_setting): this server does not know the parameter"});
    EXPECT_EQ(in_words(std::vector<Tolerated>(5, setting)).size(), 5U);
    const auto many = in_words(std::vector<Tolerated>(40, setting));
    ASSERT_EQ(many.size(), 6U);
    EXPECT_EQ(many.back(), "and 35 more");
}

TEST(Tolerance, NeverCoversALostConnection) {
    const auto lost =
        Error(ErrorCode::unreachable, "lost").with("sqlstate", "42P01").with("connection", "lost");
    EXPECT_EQ(why_tolerated(statement(StatementKind::drop, Section::clean), lost), std::nullopt);
}

TEST(Ledger, CountsTheBlocksOfATableTogether) {
    Ledger ledger;
    const auto one = ledger.open_table("public.t", 3, false);
    const auto other = ledger.open_table("public.u", 9, true);
    ASSERT_EQ(ledger.open_table("public.t", 30, false), one);
    ledger.add_rows(one, 5);
    ledger.add_rows(other, 7);
    ledger.add_rows(one, 1);
    const auto result = ledger.result("abc");
    ASSERT_EQ(result.tables.size(), 2U);
    EXPECT_EQ(result.tables[0].rows, 6U);
    EXPECT_EQ(result.tables[0].line, 3U);
    EXPECT_TRUE(result.tables[1].partitioned);
    EXPECT_EQ(result.rows, 13U);
    EXPECT_EQ(result.digest, "abc");
}

TEST(Ledger, KeepsWhatWasTolerated) {
    Ledger ledger;
    ledger.tolerate(Tolerated::Why::clean_drop, statement(StatementKind::drop), error("42P01"));
    const auto result = ledger.result("");
    ASSERT_EQ(result.tolerated.size(), 1U);
    EXPECT_EQ(result.tolerated[0].line, 12U);
    EXPECT_EQ(result.tolerated[0].what, "DROP TABLE public.t");
    EXPECT_EQ(result.tolerated[0].sqlstate, "42P01");
}

} // namespace
} // namespace drctl::postgres::restore
