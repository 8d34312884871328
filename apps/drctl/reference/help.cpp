// SPDX-License-Identifier: Apache-2.0
#include "reference/model.hpp"
#include "views/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace drctl::app::reference {
namespace {

constexpr std::size_t width = 80;

// Two columns: what is typed, and what it means; on a line of its own where the first is wide.
void add_entry(std::string& text, const std::string& left, std::string_view right,
               std::size_t column) {
    std::string line = "  " + left;
    if (line.size() + 2 > column) {
        text += line + "\n";
        line.clear();
    }
    line.append(column - line.size(), ' ');
    text += line + views::wrap_indented(right, column, width) + "\n";
}

void add_text(std::string& text, const Page& page) {
    for (const auto& block : blocks(page.text)) {
        text += "\n";
        if (!block.verbatim) {
            text += views::wrap_indented(block.text, 0, width) + "\n";
            continue;
        }
        std::string_view rest = block.text;
        while (!rest.empty()) {
            const auto line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(line.size() + 1, rest.size()));
            text += fmt::format("    {}\n", line);
        }
    }
}

void add_children(std::string& text, const CommandDoc& command) {
    if (command.children.empty()) {
        return;
    }
    text += "\nCommands:\n";
    for (const auto& child : command.children) {
        add_entry(text, std::string(child.page->name), child.page->summary, 16);
    }
}

void add_options(std::string& text, const CommandDoc& command) {
    constexpr std::size_t column = 30;
    if (!command.arguments.empty()) {
        text += "\nArguments:\n";
        for (const auto& argument : command.arguments) {
            add_entry(text, spelling(argument), argument.text, column);
        }
    }
    for (const auto& [group, options] : grouped(command)) {
        text += fmt::format("\n{}:\n", group);
        for (const auto* option : options) {
            add_entry(text, spelling(*option), option->text, column);
        }
    }
}

} // namespace

std::string help(const CommandDoc& command) {
    const auto& page = *command.page;
    std::string text =
        fmt::format("{}: {}\n\nUsage: {}\n", command.path, page.summary, usage_line(command));
    if (!page.aliases.empty()) {
        text += fmt::format("Also:  {}\n", fmt::join(page.aliases, ", "));
    }
    add_text(text, page);
    add_children(text, command);
    add_options(text, command);
    if (!page.examples.empty()) {
        text += "\nExamples:\n";
        for (const auto& example : page.examples) {
            text += fmt::format("  {}\n      {}\n", example.command,
                                views::wrap_indented(example.purpose, 6, width));
        }
    }
    if (!page.exits.empty()) {
        text += "\nExit status:\n";
        for (const auto code : page.exits) {
            add_entry(text, fmt::format("{:>3}", static_cast<int>(code)), meaning_of(code), 8);
        }
    }
    return text;
}

} // namespace drctl::app::reference
