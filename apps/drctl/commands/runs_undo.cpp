// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/runs.hpp"
#include "engine/undo.hpp"
#include "procedures.hpp"

#include <CLI/CLI.hpp>
#include <string_view>
#include <vector>

namespace drctl::app::commands {
namespace {

using Work = Report (*)(engine::Procedure&, const std::string&, const engine::Environment&,
                        const engine::RunRequest&);

/// A command on one finished run: taking it back, or deleting what it kept.
class AfterRun : public Command {
  public:
    explicit AfterRun(Work work) : work_(work) {}

    void define(CLI::App& app, CommonOptions& common) override {
        define_run(app);
        add_confirmation_options(app, procedure_);
        add_config_options(app, common);
        add_output_options(app, common);
    }

    ExitCode run(Context& context) override {
        const auto state = load_configuration(context).config.state.dir;
        Session session(context, state, procedure_);
        const auto id = session.store().resolve(run_);
        const auto procedure =
            recorded_procedure(session.store().read(id), toolbox_of(context, state), context);
        return show_report(
            context, work_(*procedure, id, session.environment(), request_of(procedure_, context)));
    }

  protected:
    virtual void define_run(CLI::App& app) = 0;

    std::string run_ = "last";

  private:
    Work work_;
    ProcedureOptions procedure_;
};

constexpr std::string_view undo_text = R"(
Puts back what the run replaced, as long as that has not been pruned. What the run had put in place
is kept in turn. A run that died is cleaned up. Works from the configuration that the run's
journal kept, not from today's. Killed half way, the same command goes on.
)";

const std::vector<ExitCode> undo_exits{
    ExitCode::good,        ExitCode::bug,         ExitCode::usage,
    ExitCode::refused,     ExitCode::failed,      ExitCode::locked,
    ExitCode::unreachable, ExitCode::interrupted, ExitCode::terminated};

class RunsUndo final : public AfterRun {
  public:
    RunsUndo() : AfterRun(engine::undo_run) {}

    const Page& page() const override {
        static const Page page{
            .name = "undo",
            .summary = "take a run back, also one that succeeded",
            .text = undo_text,
            .examples = {{"drctl runs undo last", "The restored database was the wrong one"}},
            .exits = undo_exits,
        };
        return page;
    }

  protected:
    void define_run(CLI::App& app) override {
        add_text(app, "RUN", run_, "", "The run's id, or `last`, the default");
    }
};

/// `drctl undo`: the last run, without another word to type.
class Undo final : public AfterRun {
  public:
    Undo() : AfterRun(engine::undo_run) {}

    const Page& page() const override {
        static const Page page{
            .name = "undo",
            .summary = "take the last run back: short for `drctl runs undo last`",
            .text = undo_text,
            .examples = {{"drctl undo", "Asks before it does anything"}},
            .exits = undo_exits,
        };
        return page;
    }

  protected:
    void define_run(CLI::App&) override {}
};

class RunsPrune final : public AfterRun {
  public:
    RunsPrune() : AfterRun(engine::prune_run) {}

    const Page& page() const override {
        static const Page page{
            .name = "prune",
            .summary = "delete what a run has kept",
            .text = R"(
Deletes the old database (or the copy) that the run kept, for good: afterwards it can no longer be
taken back. Its journal stays.
)",
            .examples = {{"drctl runs prune 20261123T031502Z-7f3a",
                          "Everything has been well for a week"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage, ExitCode::refused,
                      ExitCode::failed, ExitCode::locked, ExitCode::unreachable},
        };
        return page;
    }

  protected:
    void define_run(CLI::App& app) override {
        // What is deleted has to be named.
        add_text(app, "RUN", run_, "", "The run's id, or `last`")->required();
    }
};

} // namespace

std::unique_ptr<Command> make_runs_undo() {
    return std::make_unique<RunsUndo>();
}

std::unique_ptr<Command> make_runs_prune() {
    return std::make_unique<RunsPrune>();
}

std::unique_ptr<Command> make_undo() {
    return std::make_unique<Undo>();
}

} // namespace drctl::app::commands
