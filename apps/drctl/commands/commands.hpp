// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command.hpp"

/// One factory for each top-level command; main.cpp lists those that exist.
namespace drctl::app::commands {

std::unique_ptr<Command> make_backup();
std::unique_ptr<Command> make_config();
std::unique_ptr<Command> make_db_recover();
std::unique_ptr<Command> make_db_verify();
std::unique_ptr<Command> make_demo();
std::unique_ptr<Command> make_generate();
std::unique_ptr<Command> make_hold();
std::unique_ptr<Command> make_runs();
std::unique_ptr<Command> make_status();
std::unique_ptr<Command> make_undo();
std::unique_ptr<Command> make_unhold();
/// The program itself, without a subcommand.
std::unique_ptr<Command> make_program();

} // namespace drctl::app::commands
