// SPDX-License-Identifier: Apache-2.0
#include "reference/completion.hpp"
#include "reference/pages.hpp"

#include <fmt/format.h>

namespace drctl::app::reference {
namespace {

// Prints the path of the command typed so far ("drctl runs show"): options and their attached
// values are no commands, and a word counts only where the path so far has it as a child.
constexpr std::string_view path_function = R"(
function __drctl_at --argument-names wanted
    set -l path drctl
    for word in (commandline -opc)[2..-1]
        set -l child (__drctl_child "$path" "$word")
        test -n "$child"; and set path "$path $child"
    end
    test "$path" = "$wanted"
end
)";

// A word in single quotes, as fish reads it.
std::string fish_quoted(std::string_view text) {
    std::string result = "'";
    for (const char letter : text) {
        if (letter == '\'' || letter == '\\') {
            result += '\\';
        }
        result += letter;
    }
    return result + "'";
}

std::string value_of(const OptionDoc& option) {
    const auto candidates = candidates_of(option);
    switch (candidates.kind) {
    case Candidates::Kind::none:
        break;
    case Candidates::Kind::files:
        return " -r -F";
    case Candidates::Kind::directories:
        return " -x -a '(__fish_complete_directories)'";
    case Candidates::Kind::words:
        return fmt::format(" -x -a {}",
                           fish_quoted(fmt::format("{}", fmt::join(candidates.words, " "))));
    }
    return option.argument.empty() || option.argument_optional ? "" : " -x";
}

std::string condition(const CommandDoc& command) {
    return fmt::format("complete -c drctl -n {}",
                       fish_quoted("__drctl_at " + fish_quoted(command.path)));
}

std::string lines_of(const CommandDoc& command) {
    std::string lines = "\n";
    for (const auto& child : command.children) {
        lines += fmt::format("{} -a {} -d {}\n", condition(command), child.page->name,
                             fish_quoted(child.page->summary));
    }
    for (const auto& argument : command.arguments) {
        const auto value = value_of(argument);
        if (value != " -x") {
            lines += condition(command) + value + "\n";
        }
    }
    for (const auto& option : command.options) {
        lines += condition(command);
        for (const auto& name : option.names) {
            lines += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        }
        lines += fmt::format("{} -d {}\n", value_of(option), fish_quoted(option.text));
    }
    return lines;
}

std::string child_function(const CommandDoc& program) {
    std::string text = "\nfunction __drctl_child --argument-names path word\n"
                       "    switch \"$path $word\"\n";
    visit(program, [&](const CommandDoc& command) {
        for (const auto& child : command.children) {
            text += fmt::format("        case {}", fish_quoted(child.path));
            for (const auto alias : child.page->aliases) {
                text += " " + fish_quoted(command.path + " " + std::string(alias));
            }
            text += fmt::format("\n            echo {}\n", child.page->name);
        }
    });
    return text + "    end\nend\n";
}

} // namespace

std::string fish_completion(const CommandDoc& program) {
    std::string script(generated_notice);
    script += child_function(program);
    script += path_function;
    script += "\ncomplete -c drctl -f\n";
    visit(program, [&](const CommandDoc& command) { script += lines_of(command); });
    return script;
}

} // namespace drctl::app::reference
