// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/planner.hpp"

#include "drctl/error.hpp"
#include "engine/loss.hpp"
#include "engine/run_store.hpp"
#include "postgres/database.hpp"
#include "postgres/database_names.hpp"
#include "procedures/db_recover/backups.hpp"
#include "procedures/db_recover/copy_steps.hpp"
#include "procedures/db_recover/earlier_runs.hpp"
#include "procedures/db_recover/facts.hpp"
#include "procedures/db_recover/judge.hpp"
#include "procedures/db_recover/last_seen.hpp"
#include "procedures/db_recover/outage.hpp"
#include "procedures/db_recover/room.hpp"
#include "procedures/db_recover/server_steps.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <fmt/ranges.h>

namespace drctl::procedures {
namespace {

using engine::Plan;
using engine::PlannedStep;

constexpr const char* later_restore = "restore the newest clean backup beside it, verify, swap";

/// Plans one rung.
class Planner {
  public:
    Planner(const DbTarget& target, const DbRecoverOptions& options,
            const engine::LookContext& context, const std::string& lost_relation)
        : target_(target), options_(options), context_(context), lost_relation_(lost_relation),
          name_(target.database().name), dbname_(target.database().dbname) {}

    Plan plan(const engine::Assessment& assessment) {
        plan_.rung = assessment.rung;
        plan_.summary = assessment.summary;
        if (assessment.rung == rung::wait) {
            plan_wait();
        } else if (assessment.rung == rung::start) {
            plan_start();
        } else if (assessment.rung == rung::swap_copy) {
            plan_swap_copy();
        } else {
            plan_restore();
        }
        plan_.steps = steps_of(target_, options_, plan_.rung, plan_.facts);
        return std::move(plan_);
    }

  private:
    void plan_wait() {
        plan_.on_success = Outcome::started;
        plan_.if_needed = {{rung::restore_database, later_restore}};
    }

    void plan_start() {
        plan_.on_success = Outcome::started;
        plan_.if_needed = {{rung::wait, "wait for crash recovery to finish"},
                           {rung::restore_database, later_restore}};
    }

    void plan_restore() {
        auto server = target_.connect_maintenance(context_.stop);
        const auto live = note_live(server);
        const auto choice =
            choose_backup(target_, options_, server, seen_, context_.observer, context_.stop);
        const auto& chosen = *choice.chosen;
        refuse_misspelt_relation(lost_relation_, chosen, name_);
        note_backup(chosen);
        plan_.backup->rejected = choice.rejected;
        const auto carried = properties_to_carry(server, target_, live, chosen.outline.encoding);
        tell(check_room(target_, server, live, carried.properties.tablespace, chosen.outline));
        const auto mark =
            fmt::format("time of the backup taken from {}", name_of(chosen.candidate.taken_from));
        plan_.consequences.push_back(mark);
        tell(chosen.notes);
        plan_.facts.set(fact::copy_name, postgres::copy_name(dbname_, context_.run_id));
        tell(carried.remarks);
        if (plan_.rung == rung::beside) {
            plan_.summary = fmt::format("make a copy beside '{}'", name_);
            plan_.on_success = Outcome::copied;
            note_given_name(server);
        } else {
            expect_loss(chosen.candidate.taken);
            tell_of_wal_archive(server);
            expect_outage(target_.database().stop_at == config::StopAt::restore
                              ? Downtime::with_restore
                              : Downtime::swap_only,
                          chosen.outline.bytes);
            expect_obedient_services();
            plan_.summary += fmt::format("; restore the backup of {}",
                                         system::format_rfc3339(chosen.candidate.taken));
        }
    }

    void tell(const std::vector<std::string>& remarks) {
        plan_.consequences.insert(plan_.consequences.end(), remarks.begin(), remarks.end());
    }

    void note_given_name(postgres::Connection& server) {
        const auto& given = options_.beside_name;
        if (given.empty()) {
            return;
        }
        if (postgres::find_database(server, given)) {
            throw Error(ErrorCode::refused,
                        fmt::format("cannot make a copy named '{}': there is a database of that "
                                    "name",
                                    given),
                        "choose another name, or leave it out: --beside");
        }
        plan_.facts.set(fact::given_name, given);
    }

    void plan_swap_copy() {
        engine::RunStore store(target_.tools().state_directory, context_.clock);
        const auto run = store.read(options_.from_run);
        auto server = target_.connect_maintenance(context_.stop);
        require_usable_copy(run, target_, server, context_.stop);
        note_live(server);
        plan_.backup = run.backup;
        const auto taken = system::parse_rfc3339(run.backup->taken);
        for (const auto* key : {fact::copy_oid, fact::copy_name, fact::copy_complete,
                                fact::backup_path, fact::backup_sha256}) {
            plan_.facts.set(key, run.facts.require(key));
        }
        expect_loss(taken.value_or(context_.clock.wall()));
        expect_outage(Downtime::swap_only, 0);
        expect_obedient_services();
    }

    /// Asked before anything is stopped: a service that does not even tell how it is will not stop.
    void expect_obedient_services() const {
        for (const auto& service : target_.services()) {
            static_cast<void>(service->status(context_.stop));
        }
    }

    /// Facts about the database that is to be replaced; its OID, if there is one.
    std::optional<postgres::Oid> note_live(postgres::Connection& server) {
        const auto facts = postgres::read_server_facts(server);
        if (!facts.superuser) {
            throw Error(ErrorCode::refused,
                        "cannot restore: the role of `connection` is no superuser",
                        "use one, for example user=postgres with peer authentication");
        }
        if (facts.system_identifier) {
            plan_.facts.set(engine::fact::identity, std::to_string(*facts.system_identifier));
        }
        seen_ = read_last_seen(target_.tools().state_directory, name_, facts.system_identifier);
        const auto live = postgres::find_database(server, dbname_);
        if (live) {
            refuse_prepared_transactions(server, *live);
            tell_of_slots(postgres::logical_slots(server, *live));
        }
        plan_.facts.set(fact::live_oid, live ? std::to_string(*live) : "");
        plan_.facts.set(fact::aside_name, postgres::kept_name(dbname_, context_.run_id));
        return live;
    }

    void refuse_prepared_transactions(postgres::Connection& server, postgres::Oid live) const {
        const auto prepared = postgres::prepared_transactions(server, live);
        if (!prepared.empty()) {
            throw Error(ErrorCode::refused,
                        fmt::format("cannot replace '{}': it has prepared transactions: {}", name_,
                                    fmt::join(prepared, ", ")),
                        "commit or roll them back: ROLLBACK PREPARED '…'");
        }
    }

    /// Where there is one, a base backup and what was archived since lose less than any dump.
    void tell_of_wal_archive(postgres::Connection& server) {
        if (server.exec("SELECT current_setting('archive_mode')").string(0, 0) != "off") {
            plan_.consequences.emplace_back(
                "this server archives its WAL: a point-in-time recovery from a base backup and "
                "that "
                "archive, where there is one, loses less than this dump");
        }
    }

    void tell_of_slots(const std::vector<std::string>& slots) {
        if (!slots.empty() && plan_.rung != rung::beside) {
            plan_.consequences.push_back(
                fmt::format("logical replication slots stay with the database that is kept: {}; "
                            "their subscribers get nothing from the restored one, and 'drctl runs "
                            "prune' drops them with the kept one",
                            fmt::join(slots, ", ")));
        }
    }

    void note_backup(const backup::Inspection& chosen) {
        const auto path = chosen.candidate.path.string();
        plan_.backup =
            Report::Backup{path, system::format_rfc3339(chosen.candidate.taken), chosen.sha256, {}};
        plan_.facts.set(fact::backup_path, path);
        plan_.facts.set(fact::backup_sha256, chosen.sha256);
        plan_.facts.set(fact::backup_bytes, std::to_string(chosen.outline.bytes));
    }

    /// Of the services that are stopped; none are for a database that stops none.
    void expect_outage(Downtime downtime, std::uint64_t dump_bytes) {
        if (target_.database().stop.empty()) {
            return;
        }
        const auto earlier = latest_pace(target_, context_.clock);
        plan_.expected_outage = expected_outage(downtime, dump_bytes, earlier);
        const auto measure = fmt::format("'drctl db-recover {} --beside' measures it", name_);
        if (!plan_.expected_outage) {
            plan_.consequences.push_back("how long services will be down is not known; " + measure);
        } else {
            plan_.outage_from =
                earlier ? "run " + earlier->run : "the size of the backup alone; " + measure;
        }
    }

    void expect_loss(system::WallTime taken) {
        const auto since = system::age_of(taken, context_.clock.wall());
        plan_.loss = engine::ExpectedLoss{engine::loss_in_words(name_, taken, since),
                                          {taken, since},
                                          std::nullopt,
                                          restored_lately(target_, context_.clock)};
        if (target_.database().stop_at == config::StopAt::swap) {
            plan_.consequences.emplace_back(
                "services go on while the copy is made; what they write meanwhile is lost too");
        }
    }

    const DbTarget& target_;
    const DbRecoverOptions& options_;
    const engine::LookContext& context_;
    const std::string& lost_relation_;
    const std::string& name_;
    const std::string& dbname_;
    std::optional<LastSeen> seen_; ///< of the database, in this cluster
    Plan plan_;
};

/// Builds the list of steps of one rung.
class StepList {
  public:
    StepList(const DbTarget& target, const DbRecoverOptions& options, const engine::Facts& facts)
        : target_(target), options_(options), facts_(facts) {}

    template <typename Step, typename... Arguments>
    StepList& add(std::string reason, Arguments&&... arguments) {
        steps_.push_back(
            {std::make_unique<Step>(std::forward<Arguments>(arguments)...), std::move(reason)});
        return *this;
    }

    void stop_services() {
        if (!target_.database().stop.empty()) {
            add<StopServices>("what they write from now on would be lost", target_.services());
        }
    }
    void restore_copy() {
        add<RestoreCopy>("the old database stays untouched until the copy is verified", target_,
                         facts_.require(fact::backup_path), options_.jobs);
    }
    void verify_copy() {
        add<VerifyDatabase>("no copy takes over unverified", target_, VerifyDatabase::Which::copy);
    }
    void swap_and_start() {
        add<SwapDatabases>("clients find the restored database under the old name", target_);
        add<VerifyDatabase>("done means seen", target_, VerifyDatabase::Which::live);
        if (!target_.database().stop.empty()) {
            add<StartServices>("the database is good again", target_.services(),
                               options_.keep_services_stopped);
        }
        check_health();
    }
    void check_health() {
        auto health = target_.health();
        if (!health.checks.empty() && !options_.keep_services_stopped) {
            add<CheckHealth>("the application must see it too", std::move(health));
        }
    }
    std::vector<PlannedStep> take() { return std::move(steps_); }

  private:
    const DbTarget& target_;
    const DbRecoverOptions& options_;
    const engine::Facts& facts_;
    std::vector<PlannedStep> steps_;
};

} // namespace

Plan make_plan(const DbTarget& target, const DbRecoverOptions& options,
               const engine::Assessment& assessment, const engine::LookContext& context,
               const std::string& lost_relation) {
    return Planner(target, options, context, lost_relation).plan(assessment);
}

void refuse_misspelt_relation(const std::string& lost_relation, const backup::Inspection& backup,
                              const std::string& database) {
    if (lost_relation.empty() || backup.outline.may_have_relation(lost_relation)) {
        return;
    }
    throw Error(ErrorCode::refused,
                fmt::format("cannot restore '{}': a verification query names the relation '{}', "
                            "which neither the database nor the backup '{}' has",
                            database, lost_relation, backup.candidate.path.filename().string()),
                fmt::format("correct the query in [[database.{}.verify]]; or, if an older backup "
                            "has it, name that: --backup FILE or --before TIME",
                            database));
}

std::vector<PlannedStep> steps_of(const DbTarget& target, const DbRecoverOptions& options,
                                  const std::string& rung, const engine::Facts& facts) {
    StepList list(target, options, facts);
    if (rung == rung::wait) {
        list.add<WaitForServer>("a server that recovers needs time, nothing else", target);
    } else if (rung == rung::start) {
        list.add<StartServer>("a start loses nothing", target);
    } else if (rung == rung::beside) {
        list.restore_copy();
        list.verify_copy();
        list.add<CompareWithLive>("to see what the copy has and the database has not", target);
        if (facts.get(fact::given_name)) {
            list.add<NameCopy>("asked for by --beside=DBNAME", target);
        }
    } else if (rung == rung::swap_copy) {
        list.stop_services();
        list.verify_copy();
        list.swap_and_start();
    } else if (target.database().stop_at == config::StopAt::restore) {
        list.stop_services();
        list.restore_copy();
        list.verify_copy();
        list.swap_and_start();
    } else {
        list.restore_copy();
        list.verify_copy();
        list.stop_services();
        list.swap_and_start();
    }
    return list.take();
}

} // namespace drctl::procedures
