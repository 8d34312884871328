// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/db_recover.hpp"

#include "drctl/error.hpp"
#include "engine/run_store.hpp"
#include "postgres/database.hpp"
#include "postgres/database_names.hpp"
#include "procedures/db_recover/backups.hpp"
#include "procedures/db_recover/copy_steps.hpp"
#include "procedures/db_recover/facts.hpp"
#include "procedures/db_recover/judge.hpp"
#include "procedures/db_recover/planner.hpp"
#include "procedures/db_recover/sight.hpp"
#include "procedures/db_target.hpp"

#include <fmt/core.h>

namespace drctl::procedures {
namespace {

config::Target config_target(const std::string& name) {
    return {"database", name};
}

void check_options(const DbRecoverOptions& options) {
    auto contradict = [](const char* one, const char* other) {
        throw Error(ErrorCode::usage, fmt::format("cannot take {} and {} together", one, other),
                    "leave one of them out");
    };
    if (options.backup && options.before) {
        contradict("--backup", "--before");
    }
    if (options.beside && !options.from_run.empty()) {
        contradict("--beside", "--from-run");
    }
    if (options.restore_anyway && (options.beside || !options.from_run.empty())) {
        contradict("--restore-anyway", options.beside ? "--beside" : "--from-run");
    }
    if (options.beside_name.size() > postgres::longest_name) {
        throw Error(ErrorCode::usage,
                    fmt::format("cannot name a database '{}': longer than {} bytes",
                                options.beside_name, postgres::longest_name),
                    "choose a shorter name, or leave it out: --beside");
    }
    if (!options.work_dir.empty()) {
        throw Error(ErrorCode::usage,
                    "cannot use --work-dir: it is for restoring a whole cluster, which this "
                    "version of drctl does not do",
                    "leave it out; the copy is made in the database's own tablespace");
    }
}

void require_local(const config::Database& database) {
    if (!postgres::is_local(database.connection)) {
        throw Error(ErrorCode::usage,
                    fmt::format("cannot recover '{}' from here: its server is on another host",
                                database.name),
                    "run drctl on that host, and connect through its socket or loopback address");
    }
}

/// One cluster, one lock, whatever way of writing its path.
std::filesystem::path real_path_of(const std::filesystem::path& path) {
    std::error_code failed;
    auto real = std::filesystem::weakly_canonical(path, failed);
    return failed ? path.lexically_normal() : real;
}

class DbRecover final : public engine::Procedure {
  public:
    DbRecover(const config::LoadedConfig& configuration, const std::string& name,
              DbRecoverOptions options, const Toolbox& tools, system::StopToken stop);

    [[nodiscard]] std::string name() const override { return "db-recover"; }
    [[nodiscard]] std::string target() const override { return target_.database().name; }
    [[nodiscard]] std::vector<std::string> resources() const override;
    [[nodiscard]] std::map<std::string, std::string> configuration() const override;
    [[nodiscard]] std::map<std::string, std::string> options() const override {
        return to_flat(options_);
    }
    void adopt_options(const std::map<std::string, std::string>& options) override {
        options_ = options_from_flat(options);
    }
    void adopt_configuration(const std::map<std::string, std::string>& recorded) override;

    engine::Assessment assess(const engine::LookContext& context) override;
    engine::Plan plan(const engine::Assessment& assessment,
                      const engine::LookContext& context) override;
    std::vector<engine::PlannedStep> rebuild(const std::string& rung,
                                             const engine::Facts& facts) override;
    std::vector<std::string>
    differences(const std::map<std::string, std::string>& recorded_configuration,
                const engine::LookContext& context) override;
    std::optional<engine::Assessment> before_resuming(const std::string& rung,
                                                      const engine::LookContext& context) override;
    [[nodiscard]] bool failure_is_evidence(const std::string& rung) const override;
    [[nodiscard]] std::vector<Report::Kept> kept(const engine::Facts& facts,
                                                 const std::string& run_id) override;
    void prune(const engine::LookContext& context) override;

  private:
    config::Document document_;
    DbTarget target_;
    system::StopToken stop_;
    DbRecoverOptions options_;
    std::string lost_relation_; ///< by the last look, for the plan that follows from it
};

DbRecover::DbRecover(const config::LoadedConfig& configuration, const std::string& name,
                     DbRecoverOptions options, const Toolbox& tools, system::StopToken stop)
    : document_(configuration.document), target_(configuration.config, name, tools, stop),
      stop_(stop), options_(std::move(options)) {
    check_options(options_);
    require_local(target_.database());
}

std::vector<std::string> DbRecover::resources() const {
    const auto& database = target_.database();
    std::vector<std::string> names{"database/" + database.name};
    names.push_back("cluster/" + (database.data_dir ? real_path_of(*database.data_dir).string()
                                                    : database.connection));
    for (const auto& service : target_.services()) {
        names.push_back(service->resource());
    }
    if (const auto server = target_.server()) {
        names.push_back(server->resource());
    }
    return names;
}

std::map<std::string, std::string> DbRecover::configuration() const {
    return config::relevant_settings(document_, config_target(target()));
}

void DbRecover::adopt_configuration(const std::map<std::string, std::string>& recorded) {
    const auto known = config::load_recorded(recorded, "the journal of the run");
    target_ = DbTarget(known.config, target(), target_.tools(), stop_);
    document_ = known.document;
}

engine::Assessment DbRecover::assess(const engine::LookContext& context) {
    const auto sight = look_at(target_, options_, context);
    lost_relation_ = sight.finding ? sight.finding->relation : "";
    return judge(sight, target_.database(), options_, context.history);
}

engine::Plan DbRecover::plan(const engine::Assessment& assessment,
                             const engine::LookContext& context) {
    return make_plan(target_, options_, assessment, context, lost_relation_);
}

std::vector<engine::PlannedStep> DbRecover::rebuild(const std::string& rung,
                                                    const engine::Facts& facts) {
    return steps_of(target_, options_, rung, facts);
}

std::vector<std::string>
DbRecover::differences(const std::map<std::string, std::string>& recorded_configuration,
                       const engine::LookContext& context) {
    std::vector<std::string> found;
    for (const auto& difference :
         config::differences(recorded_configuration, document_, config_target(target()))) {
        found.push_back(fmt::format("{} was {}, is {} now", difference.key,
                                    difference.recorded.value_or("not set"),
                                    difference.now.value_or("not set")));
    }
    const auto identity = context.facts.get(engine::fact::identity);
    const auto probe = target_.probe(context.stop);
    if (identity && probe.facts && probe.facts->system_identifier &&
        *identity != std::to_string(*probe.facts->system_identifier)) {
        found.push_back(fmt::format("the server is another one: system identifier {} instead of {}",
                                    *probe.facts->system_identifier, *identity));
    }
    const auto done = context.facts.get(fact::copy_complete).value_or("");
    const auto path = context.facts.get(fact::backup_path);
    if (path && done.empty()) {
        const auto difference = backup_difference(
            target_, *path, context.facts.require(fact::backup_sha256), context.stop);
        found.insert(found.end(), difference.begin(), difference.end());
    }
    return found;
}

/// Restoring and swapping need a server that answers, whatever its databases are like.
std::optional<engine::Assessment> DbRecover::before_resuming(const std::string& rung,
                                                             const engine::LookContext& context) {
    using State = postgres::ServerProbe::State;
    const auto state = target_.probe(context.stop).state;
    const bool down = state == State::refused || state == State::starting ||
                      state == State::shutting_down || state == State::unreachable;
    if (!down || rung == rung::start || rung == rung::wait) {
        return std::nullopt;
    }
    auto known = context.facts.all();
    if (context.history.empty()) {
        known.erase(fact::start_failure); // of an earlier try; whatever it was may be mended
    }
    const engine::Facts facts(std::move(known));
    auto seen = assess(
        {context.clock, context.stop, context.observer, facts, context.history, context.run_id});
    // Any other rung would be a second way through; this one goes on and fails by itself.
    const bool other = seen.verdict == engine::Assessment::Verdict::needs_rung &&
                       seen.rung != rung::start && seen.rung != rung::wait;
    return other ? std::nullopt : std::optional(std::move(seen));
}

bool DbRecover::failure_is_evidence(const std::string& rung) const {
    return rung == rung::start;
}

std::vector<Report::Kept> DbRecover::kept(const engine::Facts& facts, const std::string& run_id) {
    const auto name = facts.get(fact::kept_name).value_or("");
    if (name.empty()) {
        return {};
    }
    return {{"database " + name, "drctl runs prune " + run_id}};
}

void DbRecover::prune(const engine::LookContext& context) {
    const auto oid = oid_of(context.facts, fact::kept_oid).value_or(0);
    auto server = target_.connect_maintenance(context.stop);
    const auto name = postgres::database_name(server, oid);
    if (name && *name == target_.database().dbname) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot prune: '{}' is what the run kept, and it is in use", *name),
                    "nothing is wrong with keeping it");
    }
    const auto is_named_by = [&](const char* key) { return name == context.facts.get(key); };
    const bool given = name && is_named_by(fact::given_name);
    if (name && !given && !is_named_by(fact::kept_name) && !is_named_by(fact::copy_name)) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot prune: what the run kept is '{}' by now, and not its own "
                                "any more",
                                *name),
                    "another run has used it: 'drctl runs list' shows which one keeps it");
    }
    if (given) {
        rename_copy(server, context.facts, context.facts.require(fact::copy_name));
    }
    postgres::drop_database_of_run(server, oid);
}

} // namespace

std::unique_ptr<engine::Procedure> make_db_recover(const config::LoadedConfig& configuration,
                                                   const std::string& name,
                                                   const DbRecoverOptions& options,
                                                   const Toolbox& tools, system::StopToken stop) {
    return std::make_unique<DbRecover>(configuration, name, options, tools, stop);
}

engine::ConsentPolicy consent_policy(const config::Database& database,
                                     const std::optional<engine::LossLimit>& accepted,
                                     bool at_terminal) {
    engine::ConsentPolicy policy;
    policy.accepted = accepted;
    policy.at_terminal = at_terminal;
    policy.unattended_restore = database.unattended == config::Unattended::restore;
    policy.max_data_loss = database.max_data_loss;
    return policy;
}

} // namespace drctl::procedures
