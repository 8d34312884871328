// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/job_maker.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace drctl::postgres::restore {
namespace {

using dump::Statement;
using dump::StatementKind;

/// public.t and public.u are plain, public.p is partitioned into p1 and p2.
JobMaker maker() {
    dump::Outline outline;
    outline.copies.push_back({"public.t", {}, 1, 1, 10, 1000});
    JobMaker result(outline);
    std::map<std::pair<std::string, std::string>, Relation> all;
    std::uint32_t oid = 100;
    for (const auto* const name : {"p", "p1", "p2", "t", "u"}) {
        auto& relation = all[{"public", name}];
        relation.oid = oid++;
        relation.kind = *name == 'p' && name[1] == '\0' ? 'p' : 'r';
    }
    result.set_relations(Relations(std::move(all), {{100, 101}, {100, 102}}));
    return result;
}

Statement statement(StatementKind kind, std::string verb, std::vector<std::string> tables) {
    Statement result;
    result.kind = kind;
    result.verb = std::move(verb);
    result.tables = std::move(tables);
    return result;
}

/// Whether the two could run at the same time.
bool exclude(const Job& one, const Job& other) {
    return one.barrier || other.barrier ||
           std::any_of(one.locks.begin(), one.locks.end(), [&](const Lock& a) {
               return std::any_of(other.locks.begin(), other.locks.end(), [&](const Lock& b) {
                   return a.resource == b.resource && conflict(a.mode, b.mode);
               });
           });
}

Job index_on(JobMaker& jobs, const std::string& table) {
    return jobs.build(StatementKind::create_index, "i", table, "CREATE INDEX …", false);
}

Job key_on(JobMaker& jobs, const std::string& table) {
    return jobs.build(StatementKind::index_constraint, "k", table, "ALTER TABLE …", false);
}

TEST(JobMaker, BuildsIndexesOfATableTogetherButItsKeysAlone) {
    auto jobs = maker();
    EXPECT_FALSE(exclude(index_on(jobs, "public.t"), index_on(jobs, "public.t")));
    EXPECT_TRUE(exclude(index_on(jobs, "public.t"), key_on(jobs, "public.t")));
    EXPECT_FALSE(exclude(key_on(jobs, "public.u"), key_on(jobs, "public.t")));
}

TEST(JobMaker, BuildsIndexesOnlyOnceTheRowsAreIn) {
    auto jobs = maker();
    const auto load = JobMaker::load(*jobs.find("public.t"), LockMode::row_exclusive);
    EXPECT_TRUE(exclude(load, index_on(jobs, "public.t")));
    EXPECT_FALSE(exclude(load, index_on(jobs, "public.u")));
    EXPECT_FALSE(exclude(load, load)); // chunks
}

TEST(JobMaker, MakesAnIndexThatMayReadOtherTablesWaitForAllRows) {
    auto jobs = maker();
    const auto index =
        jobs.build(StatementKind::create_index, "i", "public.u", "CREATE INDEX …", true);
    EXPECT_TRUE(exclude(JobMaker::load(*jobs.find("public.t"), LockMode::row_exclusive), index));
}

TEST(JobMaker, LooksAtAllTablesOnlyOnceTheirRowsAreIn) {
    auto jobs = maker();
    const auto look = JobMaker::behind_all_rows();
    EXPECT_EQ(look.lane, Lane::main);
    for (const auto mode : {LockMode::row_exclusive, LockMode::access_exclusive}) {
        EXPECT_TRUE(exclude(JobMaker::load(*jobs.find("public.t"), mode), look));
    }
    EXPECT_FALSE(exclude(index_on(jobs, "public.t"), look));
    EXPECT_FALSE(exclude(key_on(jobs, "public.t"), look));

    Scheduler scheduler;
    scheduler.add(JobMaker::load(*jobs.find("public.t"), LockMode::row_exclusive));
    scheduler.add(JobMaker::load(*jobs.find("public.u"), LockMode::row_exclusive));
    const auto last = scheduler.add(look);
    for (int loads = 0; loads < 2; ++loads) {
        EXPECT_EQ(scheduler.take(Lane::main), std::nullopt) << "rows are still to come";
        scheduler.done(scheduler.take(Lane::any).value());
    }
    EXPECT_EQ(scheduler.take(Lane::main), last);
}

TEST(JobMaker, TakesAPartitionedTableWithItsPartitions) {
    auto jobs = maker();
    const auto load = JobMaker::load(*jobs.find("public.p"), LockMode::row_exclusive);
    EXPECT_TRUE(exclude(load, index_on(jobs, "public.p2")));
    EXPECT_TRUE(exclude(key_on(jobs, "public.p"), index_on(jobs, "public.p1")));
    EXPECT_FALSE(exclude(key_on(jobs, "public.p1"), index_on(jobs, "public.p2")));
}

TEST(JobMaker, ChecksForeignKeysOfDifferentTablesTogether) {
    auto jobs = maker();
    const auto kind = StatementKind::foreign_key;
    const auto t_to_p1 = statement(kind, "", {"public.t", "public.p1"});
    const auto u_to_p1 = statement(kind, "", {"public.u", "public.p1"});
    const auto t_to_u = statement(kind, "", {"public.t", "public.u"});
    EXPECT_FALSE(exclude(jobs.validation(t_to_p1), jobs.validation(u_to_p1)));
    EXPECT_TRUE(exclude(jobs.validation(t_to_p1), jobs.validation(t_to_u)));
    EXPECT_TRUE(exclude(jobs.foreign_key(t_to_p1, false), jobs.validation(t_to_p1)));
    EXPECT_TRUE(exclude(jobs.foreign_key(t_to_p1, true), jobs.foreign_key(u_to_p1, true)));
    EXPECT_TRUE(exclude(jobs.foreign_key(t_to_p1, false), key_on(jobs, "public.p1")));
}

TEST(JobMaker, AttachesAnIndexOnceBothAreThere) {
    auto jobs = maker();
    const auto parent = index_on(jobs, "public.p");
    const auto part =
        jobs.build(StatementKind::create_index, "i1", "public.p1", "CREATE INDEX …", false);
    const auto attach = jobs.statement(
        statement(StatementKind::attach_index, "ALTER INDEX", {"public.i", "public.i1"}));
    EXPECT_EQ(attach.lane, Lane::main);
    EXPECT_FALSE(attach.barrier);
    EXPECT_TRUE(exclude(attach, parent));
    EXPECT_TRUE(exclude(attach, part));
    EXPECT_FALSE(exclude(attach, index_on(jobs, "public.t")));
}

TEST(JobMaker, RunsAloneWhatItDoesNotKnow) {
    auto jobs = maker();
    EXPECT_TRUE(jobs.statement(statement(StatementKind::other, "GRANT ON TABLE", {})).barrier);
    EXPECT_TRUE(
        jobs.statement(statement(StatementKind::other, "CREATE RULE", {"public.t"})).barrier);
    EXPECT_TRUE(jobs.statement(statement(StatementKind::refresh_matview, "REFRESH", {})).barrier);
    EXPECT_TRUE(jobs.statement(statement(StatementKind::other, "CREATE TRIGGER", {"t"})).barrier);
    EXPECT_TRUE(index_on(jobs, "t").barrier); // no schema: it may be any table
    EXPECT_TRUE(jobs.statement(statement(StatementKind::attach_index, "", {"public.x", "public.y"}))
                    .barrier);
}

TEST(JobMaker, LetsWhatTouchesNoTableRunBesideEverything) {
    auto jobs = maker();
    for (const auto kind : {StatementKind::set, StatementKind::setval, StatementKind::large_object,
                            StatementKind::transaction}) {
        const auto job = jobs.statement(statement(kind, "", {}));
        EXPECT_FALSE(job.barrier);
        EXPECT_TRUE(job.locks.empty());
        EXPECT_EQ(job.lane, Lane::main);
    }
}

TEST(JobMaker, KeepsATriggerToItsTable) {
    auto jobs = maker();
    const auto trigger =
        jobs.statement(statement(StatementKind::other, "CREATE TRIGGER", {"public.t"}));
    EXPECT_TRUE(exclude(trigger, index_on(jobs, "public.t")));
    EXPECT_FALSE(exclude(trigger, index_on(jobs, "public.u")));
}

TEST(JobMaker, RanksLongBuildsFirst) {
    auto jobs = maker();
    EXPECT_GT(index_on(jobs, "public.t").cost, index_on(jobs, "public.u").cost);
    EXPECT_GT(jobs.build(StatementKind::create_index, "g", "public.t",
                         "CREATE INDEX g ON public.t USING gin (x);", false)
                  .cost,
              index_on(jobs, "public.t").cost);
}

} // namespace
} // namespace drctl::postgres::restore
