// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/status.hpp"
#include "session.hpp"
#include "views/status.hpp"

namespace drctl::app::commands {
namespace {

class Program final : public Command {
  public:
    const Page& page() const override {
        static const Page page{
            .name = "drctl",
            .summary = "disaster recovery as crash-safe, undoable runs",
            .text = R"(
Every recovery first looks, then shows a plan with a reason for each step, then acts. A healthy
target is left alone. What a run replaces is kept until a person prunes it, and `drctl runs undo`
takes a run back.

Without a command: what is wrong, since when, and what to type next, as `drctl status` in short.
)",
            .examples = {{"drctl", "What is wrong, and what to do about it"},
                         {"drctl --help", "List the commands"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage, ExitCode::refused,
                      ExitCode::over_limit, ExitCode::interrupted, ExitCode::terminated},
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions& common) override {
        add_config_options(app, common);
        add_output_options(app, common);
    }

    ExitCode run(Context& context) override {
        auto& console = context.console;
        const auto file = chosen_file(context);
        std::error_code unreadable;
        if (file.by.empty() && !fs::exists(file.path, unreadable) && !unreadable &&
            !context.options.json) {
            console.result(views::welcome(file.path.string()));
            return ExitCode::usage;
        }
        const auto items = status_now(context, usual_patience);
        const auto outcome = views::outcome_of(items);
        if (context.options.json) {
            console.result(views::status_as_json(items));
        } else if (!context.options.quiet || outcome != Outcome::healthy) {
            console.result(views::short_status(items, context.clock.wall(), console.out_style()));
        }
        return exit_code_of(outcome);
    }
};

} // namespace

std::unique_ptr<Command> make_program() {
    return std::make_unique<Program>();
}

} // namespace drctl::app::commands
