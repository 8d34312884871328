// SPDX-License-Identifier: Apache-2.0
#include "reference/model.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace drctl::app::reference {
namespace {

OptionDoc describe(const CLI::Option& option) {
    OptionDoc doc;
    for (const auto& name : option.get_snames()) {
        doc.names.push_back("-" + name);
    }
    for (const auto& name : option.get_lnames()) {
        doc.names.push_back("--" + name);
    }
    const bool flag = option.get_items_expected_max() == 0;
    doc.argument = option.get_positional() && option.get_type_name().empty()
                       ? option.get_name(true)
                       : option.get_type_name();
    doc.argument_optional =
        flag ? !doc.argument.empty() : option.get_positional() && !option.get_required();
    doc.repeatable = option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll ||
                     option.get_expected_max() > 1;
    doc.text = option.get_description();
    doc.group = option.get_group();
    return doc;
}

// Groups that stand in every command come last; the order within is this one.
std::size_t rank(const std::string& group) {
    static const std::vector<std::string> common{"Configuration", "Output"};
    return static_cast<std::size_t>(std::find(common.begin(), common.end(), group) -
                                    common.begin() + 1) %
           (common.size() + 1);
}

} // namespace

CommandDoc describe(const CommandNode& node) {
    CommandDoc doc;
    doc.page = &node.command->page();
    doc.path = node.path;
    for (const auto* option : node.definition->get_options()) {
        if (!option->get_group().empty()) {
            (option->get_positional() ? doc.arguments : doc.options).push_back(describe(*option));
        }
    }
    for (const auto& child : node.children) {
        if (!child.command->page().hidden) {
            doc.children.push_back(describe(child));
        }
    }
    return doc;
}

std::string usage_line(const CommandDoc& command) {
    std::string line = command.path;
    if (!command.options.empty()) {
        line += " [OPTIONS]";
    }
    if (!command.children.empty()) {
        line += " [COMMAND]";
    }
    for (const auto& argument : command.arguments) {
        line += " " + spelling(argument);
    }
    return line;
}

std::string spelling(const OptionDoc& option) {
    if (option.names.empty()) {
        const auto word = option.argument + (option.repeatable ? "..." : "");
        return option.argument_optional ? "[" + word + "]" : word;
    }
    std::string text;
    for (const auto& name : option.names) {
        text += text.empty() ? name : ", " + name;
    }
    if (option.argument_optional) {
        return text + "[=" + option.argument + "]";
    }
    return option.argument.empty() ? text : text + " " + option.argument;
}

std::vector<std::pair<std::string, std::vector<const OptionDoc*>>>
grouped(const CommandDoc& command) {
    std::vector<std::pair<std::string, std::vector<const OptionDoc*>>> groups;
    for (const auto& option : command.options) {
        auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& candidate) {
            return candidate.first == option.group;
        });
        if (group == groups.end()) {
            group = groups.insert(groups.end(), {option.group, {}});
        }
        group->second.push_back(&option);
    }
    std::stable_sort(groups.begin(), groups.end(), [](const auto& one, const auto& other) {
        return rank(one.first) < rank(other.first);
    });
    return groups;
}

std::vector<Block> blocks(std::string_view text) {
    constexpr std::string_view indent = "    ";
    std::vector<Block> found;
    bool open = false;
    while (!text.empty()) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.empty()) {
            open = false;
            continue;
        }
        const bool verbatim = line.starts_with(indent);
        if (!open || found.back().verbatim != verbatim) {
            found.push_back({verbatim, {}});
            open = true;
        } else {
            found.back().text += verbatim ? '\n' : ' ';
        }
        if (verbatim) {
            line.remove_prefix(indent.size());
        }
        found.back().text += line;
    }
    return found;
}

std::string_view meaning_of(ExitCode code) {
    for (const auto& row : exit_codes()) {
        if (row.code == code) {
            return row.meaning;
        }
    }
    return {};
}

} // namespace drctl::app::reference
