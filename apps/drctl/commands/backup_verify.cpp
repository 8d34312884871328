// SPDX-License-Identifier: Apache-2.0
#include "commands/backup.hpp"
#include "procedures.hpp"
#include "procedures/backup_review.hpp"
#include "session.hpp"
#include "views/backups.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace drctl::app::commands {
namespace {

using State = procedures::ReviewedBackup::State;

/// Damage outweighs what could not be looked at, and that is no success either.
Outcome outcome_of(const procedures::BackupReview& review) {
    const auto any = [&](State state) {
        return std::any_of(review.backups.begin(), review.backups.end(),
                           [state](const auto& backup) { return backup.state == state; });
    };
    return any(State::rejected)     ? Outcome::damaged
           : any(State::not_judged) ? Outcome::refused
                                    : Outcome::healthy;
}

class BackupVerify final : public Command {
  public:
    const Page& page() const override {
        static const Page page{
            .name = "verify",
            .summary = "read backups to their last byte and say which are good",
            .text = R"(
Reads all backups of a database, or those that are named, wherever they lie: compression and archive
are whole, pg_dump's first and last lines are there, nothing in them but data, the digest is that of
`FILE.sha256` if there is one. What they need of the server (version, roles, extensions, tablespaces) is
compared with it where it lets us in; the report says where it does not. Nothing is restored and
nothing changed.

Earlier verdicts are not believed: a disk may forget. The new ones are what `drctl backup list`, `drctl
status` and the next `drctl db-recover` go by.

Ends with 10 if a backup is rejected, with 3 if one could not be judged (it is being written, or
you may not read it), else with 0.
)",
            .examples =
                {{"drctl backup verify", "All backups of the only database"},
                 {"drctl backup verify db dao_registry /mnt/usb/full_backup_20261123.sql.gz",
                  "One file, from anywhere"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage, ExitCode::refused,
                      ExitCode::unreachable, ExitCode::damaged, ExitCode::interrupted,
                      ExitCode::terminated},
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions& common) override {
        words_.define(app, true);
        add_config_options(app, common);
        add_output_options(app, common);
    }

    ExitCode run(Context& context) override {
        const auto loaded = load_configuration(context);
        const auto meaning = words_.meaning(loaded);
        const auto review = verified(context, loaded, meaning);
        const auto outcome = outcome_of(review);
        auto& console = context.console;
        console.result(context.options.json
                           ? views::review_as_json(meaning.database->name, review, outcome)
                           : views::human_review(review, outcome, context.clock.wall(),
                                                 console.out_style(), context.options.quiet));
        return exit_code_of(outcome);
    }

  private:
    // Apart from run(), so that the narrator has taken its progress line away before the result.
    static procedures::BackupReview verified(Context& context, const config::LoadedConfig& loaded,
                                             const BackupWords::Meaning& meaning) {
        views::Narrator narrator(context.console, context.clock, detail_of(context.options));
        require_usable(loaded, {"database", meaning.database->name}, narrator);
        return procedures::verify_backups(loaded.config, *meaning.database, meaning.files,
                                          toolbox_of(context, loaded.config.state.dir), narrator,
                                          context.stop.token());
    }

    BackupWords words_;
};

} // namespace

std::unique_ptr<Command> make_backup_verify() {
    return std::make_unique<BackupVerify>();
}

} // namespace drctl::app::commands
