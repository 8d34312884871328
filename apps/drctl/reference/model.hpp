// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command_line.hpp"

#include <string>
#include <utility>
#include <vector>

/// Help, man pages, the reference and completions, all from the definition of the commands.
namespace drctl::app::reference {

struct OptionDoc {
    std::vector<std::string> names; ///< "-n", "--plan"; empty for a positional argument
    std::string argument;           ///< "DURATION", "auto|always|never"; empty for a flag
    bool argument_optional = false; ///< `--beside[=DBNAME]`, `[NAME]`
    bool repeatable = false;
    std::string text;
    std::string group;
};

struct CommandDoc {
    const Page* page = nullptr;
    std::string path; ///< "drctl runs show"
    std::vector<OptionDoc> arguments;
    std::vector<OptionDoc> options;
    std::vector<CommandDoc> children; ///< without the hidden ones
};

[[nodiscard]] CommandDoc describe(const CommandNode& node);

/// `drctl runs show [OPTIONS] [RUN]`
[[nodiscard]] std::string usage_line(const CommandDoc& command);
/// `-c, --config FILE`
[[nodiscard]] std::string spelling(const OptionDoc& option);
/// Options by group, in the order of their first option; what every command has comes last.
[[nodiscard]] std::vector<std::pair<std::string, std::vector<const OptionDoc*>>>
grouped(const CommandDoc& command);

/// A paragraph of a page's text, or a block that is shown as it is.
struct Block {
    bool verbatim = false;
    std::string text; ///< verbatim: lines without their four blanks
};
[[nodiscard]] std::vector<Block> blocks(std::string_view text);

/// What `drctl COMMAND --help` prints, at most 80 columns wide.
[[nodiscard]] std::string help(const CommandDoc& command);

/// The one-line meaning of an exit code, from the table in drctl/outcome.hpp.
[[nodiscard]] std::string_view meaning_of(ExitCode code);

} // namespace drctl::app::reference
