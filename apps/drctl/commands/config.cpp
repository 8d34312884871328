// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "config/check.hpp"
#include "config/init.hpp"
#include "drctl/error.hpp"
#include "session.hpp"
#include "views/configuration.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>

namespace drctl::app::commands {
namespace {

class ConfigCheck final : public Command {
  public:
    const Page& page() const override {
        static const Page page{
            .name = "check",
            .summary = "find every mistake in the configuration at once",
            .text = R"(
Looks at the file, and at what it points to on this host: files, accounts, programs, units, secrets.
Needs no server to run and changes nothing. Ends with 2 if there is an error; a warning is no error.
)",
            .examples = {{"drctl config check",
                          "Before the first recovery, and after each change"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage, ExitCode::refused},
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions& common) override {
        add_config_options(app, common);
        add_output_options(app, common);
    }

    ExitCode run(Context& context) override {
        const auto loaded = load_configuration(context);
        auto problems = loaded.problems;
        const auto of_host =
            config::check_host(loaded, context.processes, context.redactor, context.stop.token());
        problems.insert(problems.end(), of_host.begin(), of_host.end());
        auto& console = context.console;
        console.result(context.options.json ? views::problems_as_json(problems)
                                            : views::human_problems(problems, console.out_style()));
        const bool wrong = std::any_of(problems.begin(), problems.end(), [](const auto& problem) {
            return problem.severity == config::Severity::error;
        });
        return wrong ? ExitCode::usage : ExitCode::good;
    }
};

class ConfigShow final : public Command {
  public:
    const Page& page() const override {
        static const Page page{
            .name = "show",
            .summary = "show every setting in force and where it was written",
            .text = R"(
Defaults and `--set` included. Of a secret only its source is shown, never its value, and of a URL not its query.
)",
            .examples = {{"drctl config show", "What drctl would work with"},
                         {"drctl config show --set database.dao_registry.jobs=4",
                          "The same with an override"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage, ExitCode::refused},
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions& common) override {
        add_config_options(app, common);
        add_output_options(app, common);
    }

    ExitCode run(Context& context) override {
        const auto loaded = load_configuration(context);
        const auto settings = config::all_settings(loaded.document);
        auto& console = context.console;
        console.result(context.options.json ? views::settings_as_json(settings)
                                            : views::human_settings(settings, console.out_style()));
        return ExitCode::good;
    }
};

class ConfigInit final : public Command {
  public:
    const Page& page() const override {
        static const Page page{
            .name = "init",
            .summary = "write a commented configuration from what is found on this host",
            .text = R"(
Looks for PostgreSQL clusters, units and dumps, and writes what it found in force and everything else
as comments. The file is valid as it stands; `drctl config check` says what is still missing for a
recovery to get far. A file that is there already is never replaced.
)",
            .examples = {{"sudo drctl config init", "Write /etc/drctl/drctl.toml"},
                         {"drctl config init --print", "Only see what would be written"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage, ExitCode::refused,
                      ExitCode::failed},
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions& common) override {
        add_path(app, "-c,--config", common.config, "FILE",
                 "Where to; else $DRCTL_CONFIG, else /etc/drctl/drctl.toml");
        app.add_flag("--print", print_, "Print it, write nothing");
        add_output_options(app, common);
    }

    ExitCode run(Context& context) override {
        const auto text = config::draft_configuration("/", context.processes, context.stop.token());
        if (print_) {
            context.console.result(text);
            return ExitCode::good;
        }
        const auto path = chosen_file(context).path;
        config::write_configuration(path, text);
        context.console.result(context.options.json
                                   ? views::written_as_json(path)
                                   : fmt::format("wrote {}\nread it, then type: drctl config "
                                                 "check -c {}\n",
                                                 path.string(), path.string()));
        return ExitCode::good;
    }

  private:
    bool print_ = false;
};

class ConfigGroup final : public CommandGroup {
  public:
    ConfigGroup() {
        children_.push_back(std::make_unique<ConfigCheck>());
        children_.push_back(std::make_unique<ConfigShow>());
        children_.push_back(std::make_unique<ConfigInit>());
    }

    const Page& page() const override {
        static const Page page{
            .name = "config",
            .summary = "check, show and write the configuration",
            .text = R"(
One TOML file: the one of `--config`, else of $DRCTL_CONFIG, else /etc/drctl/drctl.toml. Every key is
described in docs/configuration.md.
)",
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage},
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions& common) override { add_output_options(app, common); }

    ExitCode run(Context&) override {
        throw Error(ErrorCode::usage, "cannot run 'drctl config': it needs a command",
                    "drctl config check, or: drctl config --help");
    }
};

} // namespace

std::unique_ptr<Command> make_config() {
    return std::make_unique<ConfigGroup>();
}

} // namespace drctl::app::commands
