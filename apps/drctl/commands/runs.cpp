// SPDX-License-Identifier: Apache-2.0
#include "commands/runs.hpp"

#include "commands/commands.hpp"
#include "drctl/error.hpp"
#include "engine/lock.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>

namespace drctl::app::commands {
namespace {

class Runs final : public CommandGroup {
  public:
    Runs() {
        children_.push_back(make_runs_list());
        children_.push_back(make_runs_show());
        children_.push_back(make_runs_follow());
        children_.push_back(make_runs_undo());
        children_.push_back(make_runs_prune());
    }

    const Page& page() const override {
        static const Page page{
            .name = "runs",
            .summary = "what was done, is being done, and can be taken back",
            .text = R"(
A run is one execution of a procedure. Its journal below the state directory says what was intended
and what was seen, before and after every effect; it is never deleted. Without a command: `list`.
)",
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage},
            .aliases = {"history"},
        };
        return page;
    }
};

} // namespace

engine::RunStore run_store(const Context& context) {
    return {load_configuration(context).config.state.dir, context.clock};
}

bool is_alive(const engine::RunStore& store, const std::string& run_id) {
    const auto holders = engine::lock_holders(store.locks_directory());
    return std::any_of(holders.begin(), holders.end(),
                       [&](const auto& holder) { return holder.run == run_id; });
}

std::string run_meant(const engine::RunStore& store, const std::string& given) {
    if (!given.empty()) {
        return store.resolve(given);
    }
    for (const auto& holder : engine::lock_holders(store.locks_directory())) {
        if (!holder.run.empty()) {
            return holder.run;
        }
    }
    if (store.ids().empty()) {
        throw Error(
            ErrorCode::usage,
            fmt::format("there are no runs below '{}' yet", store.state_directory().string()),
            "a run begins when a procedure finds something to do: drctl db-recover --plan");
    }
    return store.resolve("last");
}

std::unique_ptr<Command> make_runs() {
    return std::make_unique<Runs>();
}

} // namespace drctl::app::commands
