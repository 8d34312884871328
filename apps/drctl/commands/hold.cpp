// SPDX-License-Identifier: Apache-2.0
#include "engine/hold.hpp"
#include "commands/commands.hpp"
#include "drctl/error.hpp"
#include "session.hpp"
#include "system/users.hpp"
#include "views/holds.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace drctl::app::commands {
namespace {

class Hold final : public Command {
  public:
    const Page& page() const override {
        static const Page page{
            .name = "hold",
            .summary = "keep everybody from changing a target for a while",
            .text = R"(
Until the time is over or `drctl unhold` is typed, every procedure on the target ends with exit
status 3 and says who holds it and why, also with `--plan`, which exits as the real run would.
Looking stays possible: `status`, `runs`. A run that is under way goes on.
)",
            .examples = {{"drctl hold dao_registry --for 4h --reason 'migration, ask ops'",
                          "Keep the database from being recovered during a migration"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage, ExitCode::refused,
                      ExitCode::failed},
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions& common) override {
        add_text(app, "NAME", name_, "", "The target, as it is called in the configuration")
            ->required();
        add_duration(app, "--for", duration_, "How long")->required();
        add_text(app, "--reason", reason_, "TEXT", "What others are told")->required();
        add_config_options(app, common);
        add_output_options(app, common);
    }

    ExitCode run(Context& context) override {
        const auto loaded = load_configuration(context);
        // Only what is configured: a hold on a misspelt name would hold nothing.
        static_cast<void>(config::choose_database(loaded, name_));
        const engine::RunStore store(loaded.config.state.dir, context.clock);
        const engine::Hold hold{name_, system::current_user().name, reason_,
                                context.clock.wall() + *duration_};
        engine::Holds(store.holds_directory(), context.clock).set(hold);
        context.console.result(context.options.json ? views::hold_as_json(hold)
                                                    : views::human_hold(hold));
        return ExitCode::good;
    }

  private:
    std::string name_;
    std::optional<system::Duration> duration_;
    std::string reason_;
};

class Unhold final : public Command {
  public:
    const Page& page() const override {
        static const Page page{
            .name = "unhold",
            .summary = "let a held target be changed again",
            .text = R"(
Takes a hold back, whoever set it. Without one nothing is done.
)",
            .examples = {{"drctl unhold dao_registry", "End the hold before its time"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage, ExitCode::failed},
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions& common) override {
        add_text(app, "NAME", name_, "", "The target, as it is called in the configuration")
            ->required();
        add_config_options(app, common);
        add_output_options(app, common);
    }

    ExitCode run(Context& context) override {
        const auto loaded = load_configuration(context);
        const engine::RunStore store(loaded.config.state.dir, context.clock);
        const bool removed = engine::Holds(store.holds_directory(), context.clock).remove(name_);
        context.console.result(context.options.json ? views::unhold_as_json(name_, removed)
                                                    : views::human_unhold(name_, removed));
        return ExitCode::good;
    }

  private:
    std::string name_;
};

} // namespace

std::unique_ptr<Command> make_hold() {
    return std::make_unique<Hold>();
}

std::unique_ptr<Command> make_unhold() {
    return std::make_unique<Unhold>();
}

} // namespace drctl::app::commands
