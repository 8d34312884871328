// SPDX-License-Identifier: Apache-2.0
#include "commands/status.hpp"

#include "commands/commands.hpp"
#include "procedures.hpp"
#include "session.hpp"
#include "views/status.hpp"

#include <CLI/CLI.hpp>

namespace drctl::app::commands {
namespace {

class Status final : public Command {
  public:
    const Page& page() const override {
        static const Page page{
            .name = "status",
            .summary = "how everything is that is configured",
            .text = R"(
Looks at everything at once: databases as `db-recover` would see them, their newest backups as
inspections have left them, services, health checks, runs that have not ended, holds, and what runs
have kept. Changes nothing.

    good      looked at, and well
    notice    nothing is wrong, but you should know
    unknown   could not be told: not allowed, or no answer in time
    bad       see the line `next:`

Ends with 11 if anything is bad or unknown. A backup is bad if it is rejected, missing, or older than
`max_data_loss`. `drctl` alone is the short form: what is wrong, since when, and what to type next.
)",
            .examples = {{"drctl status", "Everything, what is wrong first"},
                         {"drctl status -q", "Only what is wrong; nothing if all is good"},
                         {"drctl status --json", "For a monitor"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage, ExitCode::refused,
                      ExitCode::over_limit, ExitCode::interrupted, ExitCode::terminated},
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions& common) override {
        add_duration(app, "--timeout", patience_,
                     "Call unknown what has not answered after that long; default 10s");
        add_config_options(app, common);
        add_output_options(app, common);
    }

    ExitCode run(Context& context) override {
        const auto items = status_now(context, patience_.value_or(usual_patience));
        auto& console = context.console;
        console.result(context.options.json
                           ? views::status_as_json(items)
                           : views::human_status(items, context.clock.wall(), console.out_style(),
                                                 context.options.quiet));
        return exit_code_of(views::outcome_of(items));
    }

  private:
    std::optional<system::Duration> patience_;
};

} // namespace

procedures::StatusItems status_now(const Context& context, system::Duration patience) {
    const auto loaded = load_configuration(context);
    return procedures::look_at_host(loaded, toolbox_of(context, loaded.config.state.dir), patience,
                                    context.stop.token());
}

std::unique_ptr<Command> make_status() {
    return std::make_unique<Status>();
}

} // namespace drctl::app::commands
