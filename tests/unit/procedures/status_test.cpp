// SPDX-License-Identifier: Apache-2.0
#include "procedures/status/looks.hpp"

#include "support/fake_clock.hpp"
#include "support/fake_http_client.hpp"
#include "support/fake_process_runner.hpp"
#include "system/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::procedures {
namespace {

using namespace std::chrono_literals;
using postgres::Cause;
using Probe = postgres::ServerProbe::State;
using State = StatusItem::State;
using testing::HasSubstr;
using testing::SizeIs;

Cause cause(postgres::DamageScope scope) {
    auto made = postgres::make_cause(Cause::Kind::unknown, "what the server said");
    made.scope = scope;
    return made;
}

class StatusOfADatabase : public testing::Test {
  protected:
    StatusOfADatabase() {
        database.name = database.dbname = "shop";
        database.server = "postgres";
        database.backups = config::DatabaseBackups{};
        database.verify.resize(1);
        sight.probe.state = Probe::accepting;
        sight.probe.facts = postgres::ServerFacts{};
        sight.verified = {"daos: at least 40"};
    }
    void expect(State state, const std::string& next) {
        const auto item = status_of(sight, database);
        EXPECT_EQ(item.state, state) << item.summary;
        EXPECT_THAT(item.next, HasSubstr(next));
    }

    Sight sight;
    config::Database database;
};

TEST_F(StatusOfADatabase, IsWhatDbRecoverWouldSay) {
    EXPECT_EQ(status_of(sight, database).summary, "daos: at least 40");
    expect(State::good, "");
    sight.finding = cause(postgres::DamageScope::database);
    expect(State::bad, "drctl db-recover shop");
    sight.finding = cause(postgres::DamageScope::none);
    expect(State::bad, "");
    sight.finding.reset();
    sight.probe.state = Probe::refused;
    expect(State::bad, "drctl db-recover shop");
}

TEST_F(StatusOfADatabase, WhatCannotBeAskedIsUnknown) {
    for (const auto state : {Probe::authentication_failed, Probe::unreachable}) {
        sight.probe.state = state;
        expect(State::unknown, "");
    }
}

TEST_F(StatusOfADatabase, WhoManagesTheServerMattersOnlyToThoseWhoAct) {
    sight.manager = postgres::Manager{"Patroni", "patroni.dynamic.json", "patronictl list"};
    expect(State::good, "");
    sight.probe.state = Probe::refused;
    expect(State::bad, "patronictl list");
}

TEST_F(StatusOfADatabase, AStandbyThatVerifiesIsGood) {
    sight.probe.facts->in_recovery = true;
    expect(State::good, "");
    EXPECT_THAT(status_of(sight, database).summary, HasSubstr("standby"));
    sight.finding = cause(postgres::DamageScope::database);
    expect(State::bad, "primary");
}

TEST_F(StatusOfADatabase, AnOutsiderKnowsOnlyWhatItCanSee) {
    sight.finding = cause(postgres::DamageScope::none);
    EXPECT_EQ(status_for_outsiders(sight, database).state, State::unknown);
    sight.finding = cause(postgres::DamageScope::database);
    EXPECT_EQ(status_for_outsiders(sight, database).state, State::bad);
    sight.finding.reset();
    sight.probe.state = Probe::refused;
    sight.obstacle = cause(postgres::DamageScope::none);
    const auto down = status_for_outsiders(sight, database);
    EXPECT_EQ(down.state, State::bad);
    EXPECT_EQ(down.next, "drctl db-recover shop");
}

class StatusOfBackups : public testing::Test {
  protected:
    StatusOfBackups() {
        database.name = "shop";
        database.backups = config::DatabaseBackups{};
        database.max_data_loss = config::Duration(26h);
    }
    void add(ReviewedBackup::State state, std::chrono::hours age) {
        ReviewedBackup backup;
        backup.state = state;
        backup.reason = state == ReviewedBackup::State::rejected ? "truncated" : "";
        backup.candidate.path = "b.sql";
        backup.candidate.taken = now - age;
        backups.push_back(backup);
    }
    StatusItem item() { return status_of(backups, database, now); }

    config::Database database;
    std::vector<ReviewedBackup> backups;
    system::WallTime now{1'000'000s};
};

TEST_F(StatusOfBackups, TheNewestDecidesAndMayBeAsOldAsWhatMayBeLost) {
    EXPECT_THAT(item().summary, HasSubstr("there is none"));
    add(ReviewedBackup::State::not_inspected, 25h);
    add(ReviewedBackup::State::rejected, 50h);
    EXPECT_EQ(item().state, State::good);
    database.max_data_loss = config::Duration(24h);
    EXPECT_EQ(item().state, State::bad);
    EXPECT_EQ(item().since, now - 1h);
    database.max_data_loss = config::ByteSize{1};
    EXPECT_EQ(item().state, State::good) << "bytes have no age";
}

TEST_F(StatusOfBackups, ARejectedNewestIsBadEvenWithACleanOneBehindIt) {
    add(ReviewedBackup::State::rejected, 1h);
    EXPECT_THAT(item().summary, HasSubstr("all are rejected"));
    add(ReviewedBackup::State::clean, 2h);
    EXPECT_EQ(item().state, State::bad);
    EXPECT_THAT(item().summary, HasSubstr("truncated"));
    EXPECT_THAT(item().summary, HasSubstr("2h old, clean"));
}

TEST(KeptDatabases, AreTheJournalsWithTheServersSizesEachOnce) {
    RunsLook runs;
    runs.copies[7] = {"shop__before_x", "run-1", std::nullopt, true};
    DatabaseLook one;
    one.made_by_runs = {{7, "shop__renamed", 100}, {8, "shop__copy_y", 200}};
    // A second database of the same server sees the same ones.
    const auto items = kept_databases(runs, {one, one});
    ASSERT_THAT(items, SizeIs(2));
    EXPECT_EQ(items[0].name, "shop__before_x");
    EXPECT_EQ(items[0].bytes, 100U);
    EXPECT_EQ(items[0].next, "drctl runs prune run-1");
    EXPECT_EQ(items[1].name, "shop__copy_y");
    EXPECT_THAT(items[1].summary, HasSubstr("no journal"));
    EXPECT_THAT(kept_databases(runs, {}), SizeIs(1)) << "also while the server is down";
}

TEST(LookAtHost, HidesWhatWasQuotedBeforeItWasKnownToBeSecret) {
    config::LoadedConfig loaded;
    auto& health = loaded.config.healths["api"];
    health.name = "api";
    health.probe = config::Health::Command{{"look"}};
    test::FakeProcessRunner processes; // which knows no secrets
    processes.on({"look"}, test::FakeProcessRunner::exited(1, "", "bad password hunter22"));
    test::FakeHttpClient http;
    const test::FakeClock clock;
    const system::TemporaryDirectory state;
    system::Redactor redactor;
    redactor.add(system::Secret("hunter22"));
    const auto items =
        look_at_host(loaded, {&processes, &http, &clock, state.path(), &redactor}, 1h, {});
    ASSERT_THAT(items, SizeIs(1));
    EXPECT_EQ(items[0].state, State::bad);
    EXPECT_THAT(items[0].summary, HasSubstr("bad password [redacted]"));
}

TEST(Status, IsGoodOnlyIfNothingIsBadOrUnknown) {
    StatusItems items(2);
    items[0].state = State::good;
    items[1].state = State::notice;
    EXPECT_TRUE(all_good(items));
    items[1].state = State::unknown;
    EXPECT_FALSE(all_good(items));
    items[1].state = State::bad;
    EXPECT_FALSE(all_good(items));
}

} // namespace
} // namespace drctl::procedures
