// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command.hpp"
#include "options.hpp"

#include <memory>
#include <string>
#include <vector>

namespace drctl::app {

/// A command with its place in the tree and its parsed options.
struct CommandNode {
    Command* command = nullptr;
    CLI::App* definition = nullptr;
    std::string path; ///< "drctl runs show"
    std::vector<CommandNode> children;
};

/// What was typed.
struct Request {
    enum class Kind { run, help, version } kind = Kind::run;
    const CommandNode* node = nullptr;
};

/// The tree of commands, and the parser of what people type.
class CommandLine {
  public:
    CommandLine(std::unique_ptr<Command> program, Commands commands);
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;
    ~CommandLine();

    /// `arguments` without the program's name. Throws Error(usage) with a hint; also for what
    /// would be misread silently: an empty `--option=`, and an option given as another's value.
    Request parse(std::vector<std::string> arguments);

    [[nodiscard]] const CommandNode& root() const noexcept { return root_; }
    [[nodiscard]] const CommonOptions& options() const noexcept { return common_; }

  private:
    std::unique_ptr<Command> program_;
    Commands commands_;
    CommonOptions common_;
    std::unique_ptr<CLI::App> app_;
    CommandNode root_;
};

} // namespace drctl::app
