// SPDX-License-Identifier: Apache-2.0
#include "commands/runs.hpp"
#include "system/files.hpp"
#include "views/follower.hpp"
#include "views/runs.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace drctl::app::commands {
namespace {

class RunsFollow final : public Command {
  public:
    const Page& page() const override {
        static const Page page{
            .name = "follow",
            .summary = "watch a run from any session, until it ends",
            .text = R"(
Prints what the run has said so far, goes on with what it says, and shows how far it has come and
for how long services have been down. Ends as the run ends, with its exit status. Ctrl-C ends the
watching, not the run.
)",
            .examples = {{"drctl runs follow", "Watch the run that is at work"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage, ExitCode::failed_undone,
                      ExitCode::failed, ExitCode::interrupted},
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions& common) override {
        add_text(app, "RUN", run_, "",
                 "The run's id, or `last`; default: the run at work, else the last");
        add_config_options(app, common);
        add_output_options(app, common);
    }

    ExitCode run(Context& context) override {
        constexpr std::chrono::milliseconds between_looks{250};
        const auto store = run_store(context);
        const auto id = run_meant(store, run_);
        views::Follower follower(context.console, context.clock, store.directory_of(id));
        while (true) {
            // In this order: whoever has ended has said everything before.
            const bool alive = is_alive(store, id);
            const auto record = store.read(id);
            follower.show_news(record.facts);
            if (!alive) {
                follower.finish();
                return show_report(context, views::report_of(record, alive));
            }
            if (!context.clock.wait_for(between_looks, context.stop.token())) {
                follower.finish();
                context.stop.token().throw_if_requested();
            }
        }
    }

  private:
    std::string run_;
};

} // namespace

std::unique_ptr<Command> make_runs_follow() {
    return std::make_unique<RunsFollow>();
}

} // namespace drctl::app::commands
