// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::procedures {
namespace {

using engine::Assessment;
using postgres::Cause;
using postgres::DamageScope;
using State = postgres::ServerProbe::State;
using Verdict = Assessment::Verdict;
using testing::HasSubstr;

class JudgeTest : public testing::Test {
  protected:
    JudgeTest() {
        database.name = database.dbname = "shop";
        database.server = "postgres";
        database.backups = config::DatabaseBackups{};
        sight.probe.facts = postgres::ServerFacts{};
    }
    Assessment judged(State state) {
        sight.probe.state = state;
        return judge(sight, database, options, history);
    }
    void expect_blocked(State state, ErrorCode as = ErrorCode::refused) {
        const auto seen = judged(state);
        EXPECT_EQ(seen.verdict, Verdict::blocked) << name_of(state);
        EXPECT_EQ(seen.blocked_as, as) << name_of(state);
    }
    void expect_rung(State state, const char* rung) {
        const auto seen = judged(state);
        EXPECT_EQ(seen.verdict, Verdict::needs_rung) << name_of(state) << ": " << seen.summary;
        EXPECT_EQ(seen.rung, rung) << name_of(state);
    }
    static Cause cause(DamageScope scope) {
        auto made = postgres::make_cause(Cause::Kind::unknown, "what the server said");
        made.scope = scope;
        return made;
    }

    Sight sight;
    config::Database database;
    DbRecoverOptions options;
    std::vector<engine::RungResult> history;
};

TEST_F(JudgeTest, AHealthyDatabaseIsLeftAloneAndSaysWhatWasNotLookedAt) {
    const auto seen = judged(State::accepting);
    EXPECT_EQ(seen.verdict, Verdict::healthy);
    EXPECT_THAT(seen.not_looked_at, testing::Contains("page checksums"));
    EXPECT_THAT(seen.not_looked_at, testing::Contains(HasSubstr("no [[database.shop.verify]]")));
}

TEST_F(JudgeTest, AServerThatIsAliveButNotForUsIsNoReasonToAct) {
    for (const auto state : {State::too_many_clients, State::authentication_failed,
                             State::closed_database, State::unresponsive, State::shutting_down}) {
        expect_blocked(state);
    }
    expect_blocked(State::unreachable, ErrorCode::unreachable);
}

TEST_F(JudgeTest, WaitsForARecoveringServerAndStartsADeadOne) {
    expect_rung(State::starting, rung::wait);
    expect_rung(State::refused, rung::start);
}

TEST_F(JudgeTest, DoesNotStartWhatItDoesNotKnow) {
    database.server.reset();
    expect_blocked(State::refused);
}

TEST_F(JudgeTest, AnObstacleOnTheDiskForbidsTheStart) {
    sight.obstacle = cause(DamageScope::none);
    expect_blocked(State::refused);
}

TEST_F(JudgeTest, AfterAFailedStartItsCauseDecides) {
    history.push_back({rung::start, false, "does not start", ""});
    sight.cannot_start = cause(DamageScope::none);
    expect_blocked(State::refused);
    EXPECT_THAT(judged(State::refused).summary, HasSubstr("what the server said"));
    sight.cannot_start = cause(DamageScope::cluster);
    expect_blocked(State::refused);
    EXPECT_THAT(judged(State::refused).hint, HasSubstr("whole cluster"));
}

TEST_F(JudgeTest, AServerThatDoesNotStartForDamageTakesNoRestore) {
    for (const auto scope : {DamageScope::index, DamageScope::database, DamageScope::cluster}) {
        for (const bool tried : {false, true}) {
            sight.obstacle = tried ? std::nullopt : std::optional(cause(scope));
            sight.cannot_start = tried ? std::optional(cause(scope)) : std::nullopt;
            expect_blocked(State::refused);
            EXPECT_THAT(judged(State::refused).summary, HasSubstr("what the server said"));
            EXPECT_THAT(judged(State::refused).hint, HasSubstr("whole cluster"));
        }
    }
}

TEST_F(JudgeTest, AServerThatDoesNotStayUpNeedsAPerson) {
    history.push_back({rung::start, true, "", ""});
    expect_blocked(State::refused, ErrorCode::failed);
}

TEST_F(JudgeTest, OnlyProvenDamageOfThisDatabaseLeadsToARestore) {
    sight.finding = cause(DamageScope::database);
    expect_rung(State::accepting, rung::restore_database);
    expect_rung(State::failing, rung::restore_database);
    for (const auto scope : {DamageScope::none, DamageScope::index, DamageScope::cluster}) {
        sight.finding = cause(scope);
        expect_blocked(State::accepting);
        expect_blocked(State::failing);
    }
}

TEST_F(JudgeTest, AMissingDatabaseIsRestored) {
    expect_rung(State::database_missing, rung::restore_database);
    sight.probe.in_catalogue = true;
    expect_rung(State::database_missing, rung::restore_database);
}

TEST_F(JudgeTest, AFailureWithoutAKnownCauseIsNoDamage) {
    expect_blocked(State::failing);
}

TEST_F(JudgeTest, WhatSomebodyElseManagesIsNotTouched) {
    sight.manager = postgres::Manager{"Patroni", "patroni.dynamic.json", "ask Patroni"};
    for (const auto state : {State::accepting, State::refused, State::database_missing}) {
        expect_blocked(state);
    }
}

TEST_F(JudgeTest, AnotherServerAtTheAddressIsNotTouched) {
    sight.server_mismatch = cause(DamageScope::none);
    sight.finding = cause(DamageScope::database);
    for (const auto state : {State::accepting, State::database_missing, State::failing}) {
        expect_blocked(state);
    }
    options.beside = true;
    expect_blocked(State::failing);
}

TEST_F(JudgeTest, AStandbyIsNotRestored) {
    sight.probe.facts->in_recovery = true;
    sight.finding = cause(DamageScope::database);
    for (const auto state : {State::accepting, State::database_missing, State::failing}) {
        expect_blocked(state);
        EXPECT_THAT(judged(state).summary, HasSubstr("standby"));
    }
}

TEST_F(JudgeTest, WithoutBackupsThereIsNothingToRestore) {
    database.backups.reset();
    sight.finding = cause(DamageScope::database);
    expect_blocked(State::accepting);
    EXPECT_THAT(judged(State::accepting).hint, HasSubstr("--backup"));
}

TEST_F(JudgeTest, WhatIsAskedForByNameIsDoneOnce) {
    options.restore_anyway = true;
    expect_rung(State::accepting, rung::restore_database);
    history.push_back({rung::restore_database, true, "", ""});
    EXPECT_EQ(judged(State::accepting).verdict, Verdict::healthy);

    history.clear();
    options = {};
    options.beside = true;
    sight.finding = cause(DamageScope::database);
    expect_rung(State::accepting, rung::beside);
    history.push_back({rung::beside, true, "", ""});
    EXPECT_EQ(judged(State::accepting).verdict, Verdict::healthy) << "only a copy was asked for";

    history.clear();
    options = {};
    options.from_run = "20261123T031502Z-7f3a";
    expect_rung(State::accepting, rung::swap_copy);
    history.push_back({rung::swap_copy, true, "", ""});
    sight.finding.reset();
    EXPECT_EQ(judged(State::accepting).verdict, Verdict::healthy);
}

TEST_F(JudgeTest, AClusterIsNotRestoredByThisVersion) {
    options.into = DbRecoverOptions::Into::cluster;
    sight.finding = cause(DamageScope::database);
    expect_blocked(State::accepting);
}

} // namespace
} // namespace drctl::procedures
