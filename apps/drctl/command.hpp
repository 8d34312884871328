// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/outcome.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace drctl::app {

struct CommonOptions;
struct Context;

struct Example {
    std::string_view command; ///< as typed, without the prompt
    std::string_view purpose; ///< one line
};

/// What help, man page and reference say of a command beyond its options, which they read from
/// the definition itself. `text` is paragraphs parted by blank lines; a paragraph whose lines
/// begin with four spaces is shown as it is; `code` is marked by backquotes.
struct Page {
    std::string_view name;    ///< the word that is typed; "drctl" for the program itself
    std::string_view summary; ///< one line, no full stop
    std::string_view text;
    std::vector<Example> examples = {};
    std::vector<ExitCode> exits = {}; ///< how it can end, ascending
    std::vector<std::string_view> aliases = {};
    bool hidden = false; ///< works, but is listed nowhere
};

/// One subcommand. Its options are parsed into its members.
class Command {
  public:
    Command() = default;
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;
    virtual ~Command() = default;

    [[nodiscard]] virtual const Page& page() const = 0;
    /// Adds options and positional arguments; called once, before parsing. Must do no work.
    virtual void define(CLI::App& app, CommonOptions& common) = 0;
    /// Does it. Throws Error; main maps that to an exit code.
    virtual ExitCode run(Context& context) = 0;
    /// Subcommands of this one (`runs show`).
    [[nodiscard]] virtual const std::vector<std::unique_ptr<Command>>& children() const;
};

using Commands = std::vector<std::unique_ptr<Command>>;

/// A command that only leads to others. Typed alone it does what the first of them does.
class CommandGroup : public Command {
  public:
    void define(CLI::App& app, CommonOptions& common) override;
    ExitCode run(Context& context) override { return children_.front()->run(context); }
    [[nodiscard]] const Commands& children() const override { return children_; }

  protected:
    Commands children_;
};

} // namespace drctl::app
