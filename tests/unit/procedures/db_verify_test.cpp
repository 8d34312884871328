// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::procedures {
namespace {

using postgres::Cause;
using State = postgres::ServerProbe::State;
using testing::ElementsAre;
using testing::HasSubstr;

class DbVerifyTest : public testing::Test {
  protected:
    DbVerifyTest() {
        database.name = database.dbname = "shop";
        sight.probe.evidence = "what was seen";
    }
    Report concluded(State state) {
        sight.probe.state = state;
        Report report;
        conclude_verification(report, sight, database);
        return report;
    }
    static Cause cause(postgres::DamageScope scope, const char* words) {
        auto made = postgres::make_cause(Cause::Kind::unknown, words);
        made.scope = scope;
        return made;
    }

    Sight sight;
    config::Database database;
};

TEST_F(DbVerifyTest, HealthySaysWhatWasNotLookedAt) {
    sight.verified = {"daos: at least 40"};
    const auto report = concluded(State::accepting);
    EXPECT_EQ(report.exit_code, ExitCode::good);
    EXPECT_THAT(report.evidence, ElementsAre("daos: at least 40"));
    EXPECT_THAT(report.not_looked_at, testing::Contains("page checksums"));
}

TEST_F(DbVerifyTest, DamageAmongTheFindingsDecidesAndComesFirst) {
    sight.finding = cause(postgres::DamageScope::none, "no privilege");
    sight.also_found = {cause(postgres::DamageScope::index, "index gone")};
    sight.verified = {"good"};
    const auto report = concluded(State::accepting);
    EXPECT_EQ(report.exit_code, ExitCode::damaged);
    EXPECT_THAT(report.summary, HasSubstr("index gone (and 1 more)"));
    EXPECT_THAT(report.evidence, ElementsAre("index gone", "no privilege", "good"));
    EXPECT_THAT(report.hint, HasSubstr("drctl db-recover shop --plan"));
}

TEST_F(DbVerifyTest, WhatCannotBeJudgedIsNeitherHealthyNorDamaged) {
    sight.finding = cause(postgres::DamageScope::none, "no privilege");
    EXPECT_EQ(concluded(State::accepting).exit_code, ExitCode::refused);
    EXPECT_EQ(concluded(State::failing).exit_code, ExitCode::refused);
}

TEST_F(DbVerifyTest, AnotherServersDatabaseIsNotVerified) {
    sight.server_mismatch = cause(postgres::DamageScope::none, "another server");
    EXPECT_EQ(concluded(State::accepting).exit_code, ExitCode::refused);
}

TEST_F(DbVerifyTest, EachStateOfTheServerHasItsExitCodeAndAHint) {
    const std::vector<std::pair<State, ExitCode>> expected{
        {State::starting, ExitCode::unreachable},
        {State::shutting_down, ExitCode::unreachable},
        {State::too_many_clients, ExitCode::refused},
        {State::authentication_failed, ExitCode::refused},
        {State::closed_database, ExitCode::refused},
        {State::database_missing, ExitCode::damaged},
        {State::failing, ExitCode::refused},
        {State::unresponsive, ExitCode::unreachable},
        {State::refused, ExitCode::unreachable},
        {State::unreachable, ExitCode::unreachable},
    };
    for (const auto& [state, code] : expected) {
        const auto report = concluded(state);
        EXPECT_EQ(report.exit_code, code) << name_of(state);
        EXPECT_THAT(report.error, HasSubstr("what was seen")) << name_of(state);
        EXPECT_NE(report.hint, "") << name_of(state);
    }
}

} // namespace
} // namespace drctl::procedures
