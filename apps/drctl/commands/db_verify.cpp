// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_verify.hpp"

#include "commands/commands.hpp"
#include "procedures.hpp"
#include "session.hpp"

#include <CLI/CLI.hpp>

namespace drctl::app::commands {
namespace {

class DbVerify final : public Command {
  public:
    const Page& page() const override {
        static const Page page{
            .name = "db-verify",
            .summary = "check a database and change nothing",
            .text = R"(
Runs all configured verification queries, on the tables themselves: an index that would answer over
destroyed rows is not asked. Of a server that came up within the last ten minutes every row is read,
because it may have crashed. Indexes and constraints that somebody left invalid are named as warnings.

Ends with 10 where damage is proved: a bound does not hold, a page cannot be read, a table or
the database is gone. With 3 where the server does not let us in, or a query cannot be judged; with
7 where no server answers. Also works on a standby, and where Patroni manages the server.
)",
            .examples = {{"drctl db-verify", "Check the only database"},
                         {"drctl db-verify dao_registry --json", "From cron, for a program"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage, ExitCode::refused,
                      ExitCode::unreachable, ExitCode::damaged, ExitCode::interrupted,
                      ExitCode::terminated},
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions& common) override {
        add_text(app, "NAME", name_, "",
                 "The database, as it is called in the configuration; default: the only one");
        add_config_options(app, common);
        add_output_options(app, common);
    }

    ExitCode run(Context& context) override {
        const auto loaded = load_configuration(context);
        const auto& database =
            config::choose_database(loaded, name_.empty() ? std::nullopt : std::optional(name_));
        return show_report(context, verified(context, loaded, database));
    }

  private:
    // Apart from run(), so that the narrator has taken its progress line away before the result.
    static Report verified(Context& context, const config::LoadedConfig& loaded,
                           const config::Database& database) {
        const auto by = who(context.argv);
        views::Narrator narrator(context.console, context.clock, detail_of(context.options));
        require_usable(loaded, {"database", database.name}, narrator);
        auto report = procedures::verify_database(loaded, database.name,
                                                  toolbox_of(context, loaded.config.state.dir),
                                                  narrator, context.stop.token());
        report.by = by;
        return report;
    }

    std::string name_;
};

} // namespace

std::unique_ptr<Command> make_db_verify() {
    return std::make_unique<DbVerify>();
}

} // namespace drctl::app::commands
