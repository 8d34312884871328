// SPDX-License-Identifier: Apache-2.0
#include "commands/runs.hpp"
#include "views/report.hpp"
#include "views/runs.hpp"

#include <CLI/CLI.hpp>

namespace drctl::app::commands {
namespace {

class RunsShow final : public Command {
  public:
    const Page& page() const override {
        static const Page page{
            .name = "show",
            .summary = "show everything about one run",
            .text = R"(
The report of a run: every step with what was seen, what was lost, what is kept, and how to take it
back. With `--json`, the report as the run printed it.
)",
            .examples = {{"drctl runs show last", "What happened last"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage, ExitCode::damaged},
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
        const auto store = run_store(context);
        const auto id = run_meant(store, run_);
        const auto report = views::report_of(store.read(id), is_alive(store, id));
        auto& console = context.console;
        console.result(context.options.json ? to_json(report) + "\n"
                                            : views::human_report(report, console.out_style(),
                                                                  views::Detail::verbose));
        return ExitCode::good;
    }

  private:
    std::string run_;
};

} // namespace

std::unique_ptr<Command> make_runs_show() {
    return std::make_unique<RunsShow>();
}

} // namespace drctl::app::commands
