// SPDX-License-Identifier: Apache-2.0
#include "commands/runs.hpp"
#include "drctl/error.hpp"
#include "views/runs.hpp"

#include <CLI/CLI.hpp>

namespace drctl::app::commands {
namespace {

class RunsList final : public Command {
  public:
    const Page& page() const override {
        static const Page page{
            .name = "list",
            .summary = "list the runs, oldest first",
            .text = R"(
One line a run: what it did to which target, how it ended, how long it took, and what it keeps.
`running`: a process is at work on it. `unfinished`: its process died; the same command continues
it. `interrupted`: a person stopped it.
)",
            .examples = {{"drctl runs list", "All runs"},
                         {"drctl history dao_registry", "Those of one target"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage},
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions& common) override {
        add_text(app, "NAME", target_, "", "Only runs of this target");
        add_config_options(app, common);
        add_output_options(app, common);
    }

    ExitCode run(Context& context) override {
        const auto store = run_store(context);
        std::vector<views::RunSummary> runs;
        for (const auto& id : store.ids()) {
            auto run = look_at(store, id);
            if (target_.empty() || run.target == target_) {
                runs.push_back(std::move(run));
            }
        }
        auto& console = context.console;
        console.result(context.options.json ? views::runs_as_json(runs)
                                            : views::human_runs(runs, console.out_style()));
        return ExitCode::good;
    }

  private:
    // One journal that cannot be read does not hide the others.
    static views::RunSummary look_at(const engine::RunStore& store, const std::string& id) {
        try {
            return views::summary_of(store.read(id), is_alive(store, id));
        } catch (const Error& error) {
            views::RunSummary run;
            run.run = id;
            run.state = "unreadable";
            run.note = error.message();
            return run;
        }
    }

    std::string target_;
};

} // namespace

std::unique_ptr<Command> make_runs_list() {
    return std::make_unique<RunsList>();
}

} // namespace drctl::app::commands
