// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "context.hpp"
#include "reference/model.hpp"

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
)",
            .examples = {{"drctl --help", "list the commands"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage},
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions& common) override {
        add_config_options(app, common);
        add_output_options(app, common);
    }

    ExitCode run(Context& context) override {
        context.console.result(reference::help(reference::describe(context.commands)));
        return ExitCode::good;
    }
};

} // namespace

std::unique_ptr<Command> make_program() {
    return std::make_unique<Program>();
}

} // namespace drctl::app::commands
