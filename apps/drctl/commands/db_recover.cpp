// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/db_recover.hpp"

#include "commands/commands.hpp"
#include "procedures.hpp"
#include "session.hpp"

#include <CLI/CLI.hpp>

namespace drctl::app::commands {
namespace {

using procedures::DbRecoverOptions;

class DbRecover final : public Command {
  public:
    const Page& page() const override {
        static const Page page{
            .name = "db-recover",
            .summary = "bring a PostgreSQL database back",
            .text = R"(
Looks first, and does the least that helps: leaves a healthy database alone, waits for one that is
recovering by itself, starts one that is down, and only on positive evidence of damage restores the
newest clean backup. A restore goes into a database of its own beside the live one, is verified, and
then takes its name; the old database is kept until `drctl runs prune`.

Whatever is no damage is refused with what the server said and what to fix: a typo in its
configuration, a full disk, a volume that is not mounted, a port that is taken.

Starting a stopped server needs no consent. Restoring does, because it loses what was written
since the backup: at a terminal the target's name has to be typed; elsewhere
`--accept-data-loss` or `unattended = "restore"` in the configuration is needed.

Killed at any moment, the same command continues.
)",
            .examples = {{"drctl db-recover --plan", "Look, and say what would be done and why"},
                         {"drctl db-recover dao_registry",
                          "Bring it back, asking before anything is lost"},
                         {"drctl db-recover dao_registry --yes --accept-data-loss 26h",
                          "From cron or a runbook: restore if not more than 26 hours are lost"},
                         {"drctl db-recover dao_registry --beside",
                          "Restore a copy beside it, and compare"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage, ExitCode::refused,
                      ExitCode::failed_undone, ExitCode::failed, ExitCode::locked,
                      ExitCode::unreachable, ExitCode::steps_to_do, ExitCode::interrupted,
                      ExitCode::terminated},
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions& common) override {
        add_text(app, "NAME", name_, "",
                 "The database, as it is called in the configuration; default: the only one");
        define_backup_options(app);
        define_restore_options(app);
        add_procedure_options(app, procedure_, true);
        add_config_options(app, common);
        add_output_options(app, common);
    }

    ExitCode run(Context& context) override {
        const auto loaded = load_configuration(context);
        const auto& database = config::choose_database(loaded, given_name());
        Session session(context, loaded.config.state.dir, procedure_);
        require_usable(loaded, {"database", database.name}, session.narrator());

        const auto tools = toolbox_of(context, loaded.config.state.dir);
        const auto procedure = procedures::make_db_recover(loaded, database.name, options(), tools,
                                                           context.stop.token());
        auto request = request_of(procedure_, context);
        request.consent = procedures::consent_policy(database, procedure_.accept_data_loss,
                                                     request.consent.at_terminal);
        auto report = engine::climb(*procedure, session.environment(), request);
        if (procedure_.exit_code && report.outcome == Outcome::planned) {
            report.exit_code = ExitCode::steps_to_do;
        }
        return show_report(context, report);
    }

  private:
    void define_backup_options(CLI::App& app) {
        constexpr const char* group = "Backup";
        add_path(app, "--backup", backup_, "FILE", "Restore this one")->group(group);
        add_time(app, "--before", options_.before, "Restore the newest clean one taken before this")
            ->group(group);
        add_text(app, "--from-run", options_.from_run, "RUN",
                 "Swap in the copy that this run made, instead of making one")
            ->group(group);
    }

    void define_restore_options(CLI::App& app) {
        constexpr const char* group = "Restore";
        add_choice(app, "--into", into_, {"auto", "database", "cluster"},
                   "Where to; `cluster` is not in this version")
            ->group(group);
        // A flag that may carry a value: a NAME behind it is the target, never the copy's name.
        app.add_flag("--beside{:derived}", beside_,
                     "Make a copy beside the live database, stop and swap nothing, and compare "
                     "their rows")
            ->type_name("DBNAME")
            ->group(group);
        add_path(app, "--work-dir", options_.work_dir, "DIR",
                 "Where the copy of a whole cluster is made; not in this version")
            ->group(group);
        add_count(app, "--jobs", jobs_, "Parallel sessions; default: one per core")->group(group);
        add_choice(app, "--verify", depth_, {"quick", "full"},
                   "How deep to look: `full` reads every row")
            ->group(group);
        app.add_flag("--restore-anyway", options_.restore_anyway,
                     "Restore although the database may be healthy")
            ->group(group);
        app.add_flag("--keep-services-stopped", options_.keep_services_stopped,
                     "Do not start services at the end")
            ->group(group);
    }

    [[nodiscard]] std::optional<std::string> given_name() const {
        return name_.empty() ? std::nullopt : std::optional(name_);
    }

    [[nodiscard]] DbRecoverOptions options() const {
        auto options = options_;
        if (!backup_.empty()) {
            // The journal outlives the directory that we are in.
            options.backup = fs::absolute(backup_);
        }
        options.into = static_cast<DbRecoverOptions::Into>(into_);
        options.verify = static_cast<DbRecoverOptions::Depth>(depth_);
        options.jobs = jobs_.value_or(0);
        options.beside = !beside_.empty();
        options.beside_name = beside_ == ":derived" ? "" : beside_;
        return options;
    }

    std::string name_;
    DbRecoverOptions options_;
    fs::path backup_;
    std::string beside_;
    std::size_t into_ = 0;
    std::size_t depth_ = 0;
    std::optional<unsigned> jobs_;
    ProcedureOptions procedure_;
};

} // namespace

std::unique_ptr<Command> make_db_recover() {
    return std::make_unique<DbRecover>();
}

} // namespace drctl::app::commands
