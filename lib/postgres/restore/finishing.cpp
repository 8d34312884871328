// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/finishing.hpp"

#include "postgres/restore/job_maker.hpp"
#include "postgres/restore/relations.hpp"
#include "postgres/restore/upkeep.hpp"

namespace drctl::postgres::restore {
namespace {

Job analysis_of(const Relation& relation) {
    Job job;
    job.rank = Rank::upkeep;
    job.locks = locks_on_family(relation, LockMode::share_update_exclusive);
    return job;
}

/// Partitions are analyzed with the table they are parts of.
bool is_worth_it(const Relation& relation) {
    return !relation.is_partition && relation.has_storage_below && relation.kind != 'f';
}

void disable_subscriptions(Connection& connection, Ledger& ledger) {
    constexpr const char* purpose = "see whether subscriptions are disabled";
    const auto found = connection.exec_for(purpose, R"(
SELECT pg_catalog.quote_ident(s.subname), s.subenabled
FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid
WHERE d.datname = pg_catalog.current_database() ORDER BY 1)");
    for (int row = 0; row < found.rows(); ++row) {
        if (found.boolean(row, 1)) {
            connection.exec_for("disable a subscription",
                                "ALTER SUBSCRIPTION " + found.string(row, 0) + " DISABLE");
        }
        ledger.add_subscription(found.string(row, 0));
    }
}

} // namespace

void analyze_all(Crew& crew) {
    crew.add(JobMaker::behind_all_rows(), [&crew](WorkSession& session) {
        const auto relations = Relations::read(session.connection());
        for (const auto* const relation : relations.all()) {
            if (is_worth_it(*relation)) {
                crew.add(analysis_of(*relation),
                         [oid = relation->oid](WorkSession& other) { analyze(other, oid); });
            }
        }
    });
}

void close(Crew& crew, Ledger& ledger) {
    Job last;
    last.lane = Lane::any;
    last.barrier = true;
    crew.add(std::move(last), [&ledger](WorkSession& session) {
        session.adopt(std::make_shared<const SettingList>());
        disable_subscriptions(session.connection(), ledger);
        // A durable commit takes all earlier ones with it, which did not wait for the disk.
        session.connection().exec_for("put the restored database on disk",
                                      "SET synchronous_commit = local; "
                                      "SELECT pg_catalog.txid_current()");
    });
}

} // namespace drctl::postgres::restore
