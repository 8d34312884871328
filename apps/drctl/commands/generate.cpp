// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "config/reference.hpp"
#include "context.hpp"
#include "drctl/error.hpp"
#include "reference/pages.hpp"
#include "system/files.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace drctl::app::commands {
namespace {

class Generate final : public Command {
  public:
    const Page& page() const override {
        static const Page page{
            .name = "generate",
            .summary = "write what is generated from the definition of the commands",
            .text = R"(
Prints one of them: `man [COMMAND]`, `reference [COMMAND]`, `completion bash|zsh|fish`,
`exit-codes`, `configuration`. Or writes all of them below a directory: `all DIR`.
)",
            .hidden = true,
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions&) override {
        app.add_option("WHAT", what_,
                       "man, reference, completion, exit-codes, configuration or all")
            ->required();
        app.add_option("WHICH", which_, "A command, a shell, or a directory");
    }

    ExitCode run(Context& context) override {
        const auto program = reference::describe(context.commands);
        if (what_ == "all") {
            write_all(program);
        } else {
            context.console.result(one(program));
        }
        return ExitCode::good;
    }

  private:
    [[nodiscard]] std::string one(const reference::CommandDoc& program) const {
        if (what_ == "man") {
            return reference::man_page(command(program));
        }
        if (what_ == "reference") {
            return reference::markdown_page(command(program));
        }
        if (what_ == "exit-codes") {
            return reference::exit_codes_page();
        }
        if (what_ == "configuration") {
            return config::reference_markdown();
        }
        if (what_ == "completion" && which_ == "bash") {
            return reference::bash_completion(program);
        }
        if (what_ == "completion" && which_ == "zsh") {
            return reference::zsh_completion(program);
        }
        if (what_ == "completion" && which_ == "fish") {
            return reference::fish_completion(program);
        }
        throw Error(ErrorCode::usage, fmt::format("cannot generate '{} {}'", what_, which_),
                    "'drctl generate --help' lists what can be generated");
    }

    [[nodiscard]] const reference::CommandDoc& command(const reference::CommandDoc& program) const {
        if (which_.empty()) {
            return program;
        }
        for (const auto& child : program.children) {
            if (child.page->name == which_) {
                return child;
            }
        }
        throw Error(ErrorCode::usage, fmt::format("there is no command '{}'", which_),
                    "'drctl --help' lists them all");
    }

    void write_all(const reference::CommandDoc& program) const {
        if (which_.empty()) {
            throw Error(ErrorCode::usage, "cannot generate all files: no directory is given",
                        "drctl generate all DIR");
        }
        for (const auto& [name, content] : reference::all_files(program)) {
            const auto path = fs::path(which_) / name;
            system::make_directories(path.parent_path(), 0755);
            system::write_file_atomically(path, content, 0644);
        }
    }

    std::string what_;
    std::string which_;
};

} // namespace

std::unique_ptr<Command> make_generate() {
    return std::make_unique<Generate>();
}

} // namespace drctl::app::commands
