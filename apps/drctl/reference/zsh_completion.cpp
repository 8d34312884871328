// SPDX-License-Identifier: Apache-2.0
#include "reference/completion.hpp"
#include "reference/pages.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace drctl::app::reference {
namespace {

std::string function_name(const CommandDoc& command) {
    std::string name = "_" + command.path;
    std::replace(name.begin(), name.end(), ' ', '_');
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

// Within a specification of _arguments (zshcompsys(1)): brackets and colons end its parts.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char letter : text) {
        if (letter == '[' || letter == ']' || letter == ':' || letter == '\\') {
            result += '\\';
        }
        result += letter;
    }
    return result;
}

std::string action_of(const Candidates& candidates) {
    switch (candidates.kind) {
    case Candidates::Kind::none:
        break;
    case Candidates::Kind::files:
        return "_files";
    case Candidates::Kind::directories:
        return "_files -/";
    case Candidates::Kind::words:
        return fmt::format("({})", fmt::join(candidates.words, " "));
    }
    return " ";
}

std::string option_lines(const OptionDoc& option) {
    std::string lines;
    const auto others =
        option.repeatable ? std::string("*") : fmt::format("({})", fmt::join(option.names, " "));
    for (const auto& name : option.names) {
        const bool is_long = name.starts_with("--");
        std::string spec = others + name;
        if (!option.argument.empty()) {
            // `-=`: only attached; `=`: attached or the next word.
            spec += option.argument_optional ? "=-" : is_long ? "=" : "+";
        }
        spec += fmt::format("[{}]", escaped(option.text));
        if (!option.argument.empty()) {
            spec += fmt::format(":{}{}:{}", option.argument_optional ? ":" : "",
                                escaped(option.argument), action_of(candidates_of(option)));
        }
        lines += fmt::format("        {} \\\n", shell_quoted(spec));
    }
    return lines;
}

std::string argument_line(const OptionDoc& argument) {
    return fmt::format(
        "        {} \\\n",
        shell_quoted(fmt::format("{}:{}:{}", argument.repeatable ? "*" : ":",
                                 escaped(argument.argument), action_of(candidates_of(argument)))));
}

std::string command_function(const CommandDoc& command) {
    std::string text = fmt::format("\n{}() {{\n    local curcontext=$curcontext state line\n"
                                   "    _arguments -C -s \\\n",
                                   function_name(command));
    for (const auto& option : command.options) {
        text += option_lines(option);
    }
    if (command.children.empty()) {
        for (const auto& argument : command.arguments) {
            text += argument_line(argument);
        }
        return text + "        && return 0\n}\n";
    }
    text += "        '1: :->command' '*:: :->arguments' && return 0\n    case $state in\n"
            "    command)\n        local -a commands=(\n";
    std::string branches;
    for (const auto& child : command.children) {
        text += fmt::format(
            "            {}\n",
            shell_quoted(fmt::format("{}:{}", child.page->name, escaped(child.page->summary))));
        std::vector<std::string_view> names{child.page->name};
        names.insert(names.end(), child.page->aliases.begin(), child.page->aliases.end());
        branches +=
            fmt::format("        {}) {} ;;\n", fmt::join(names, " | "), function_name(child));
    }
    return text +
           "        )\n        _describe -t commands command commands\n        ;;\n"
           "    arguments)\n        case $words[1] in\n" +
           branches + "        esac\n        ;;\n    esac\n}\n";
}

} // namespace

std::string zsh_completion(const CommandDoc& program) {
    std::string script = "#compdef drctl\n" + std::string(generated_notice);
    visit(program, [&](const CommandDoc& command) { script += command_function(command); });
    return script + "\n_drctl \"$@\"\n";
}

} // namespace drctl::app::reference
