// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command.hpp"
#include "engine/run_store.hpp"
#include "session.hpp"

#include <string>

/// What the subcommands of `drctl runs` have in common.
namespace drctl::app::commands {

std::unique_ptr<Command> make_runs_list();
std::unique_ptr<Command> make_runs_show();
std::unique_ptr<Command> make_runs_follow();
std::unique_ptr<Command> make_runs_prune();
std::unique_ptr<Command> make_runs_undo();

/// Where runs are kept, as the configuration says; also where the rest of it has mistakes.
[[nodiscard]] engine::RunStore run_store(const Context& context);

/// True if a process is at work on the run.
[[nodiscard]] bool is_alive(const engine::RunStore& store, const std::string& run_id);

/// The run that was meant: `given`, else the one at work, else the last.
[[nodiscard]] std::string run_meant(const engine::RunStore& store, const std::string& given);

} // namespace drctl::app::commands
