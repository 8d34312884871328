// SPDX-License-Identifier: Apache-2.0
#include "commands/backup.hpp"
#include "drctl/error.hpp"
#include "procedures.hpp"
#include "procedures/backup_review.hpp"
#include "session.hpp"
#include "views/backups.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace drctl::app::commands {
namespace {

class BackupList final : public Command {
  public:
    const Page& page() const override {
        static const Page page{
            .name = "list",
            .summary = "list the backups of a database, newest first",
            .text = R"(
One line a backup: the verdict of its last inspection, when it was taken and where that time is from,
its size, and why it is rejected. `clean`: it was read to its end, has not changed since, and is a dump of
this database, as far as is known without the server: `drctl backup verify` asks that too.
`not-inspected`: nobody has read it yet; `drctl backup verify` does. `not-judged`: it cannot be looked
at now.

Opens no backup and needs no server.
)",
            .examples = {{"drctl backup list", "The backups of the only database"},
                         {"drctl backup list db dao_registry --json",
                          "Those of one, for a program"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage, ExitCode::refused},
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions& common) override {
        words_.define(app, false);
        add_config_options(app, common);
        add_output_options(app, common);
    }

    ExitCode run(Context& context) override {
        const auto loaded = load_configuration(context);
        const auto meaning = words_.meaning(loaded);
        if (!meaning.files.empty()) {
            throw Error(ErrorCode::usage,
                        fmt::format("cannot list '{}': a list is of a whole directory",
                                    meaning.files.front().string()),
                        "look into one file with: drctl backup verify FILE");
        }
        const auto& database = *meaning.database;
        config::require_usable(loaded, {"database", database.name});
        const auto backups = procedures::known_backups(
            database, toolbox_of(context, loaded.config.state.dir), context.stop.token());
        auto& console = context.console;
        console.result(context.options.json ? views::backups_as_json(database.name, backups)
                                            : views::human_backups(backups, context.clock.wall(),
                                                                   console.out_style()));
        return ExitCode::good;
    }

  private:
    BackupWords words_;
};

} // namespace

std::unique_ptr<Command> make_backup_list() {
    return std::make_unique<BackupList>();
}

} // namespace drctl::app::commands
