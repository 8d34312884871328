// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

#include "drctl/error.hpp"
#include "suggest.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>

namespace drctl::app {
namespace {

using Arguments = std::vector<std::string>;

CommandNode define(Command& command, const Commands& children, CLI::App& app,
                   const std::string& path, CommonOptions& common) {
    CommandNode node{&command, &app, path, {}};
    app.set_help_flag("-h,--help", "Print this help")->group("Output");
    command.define(app, common);
    for (const auto& child : children) {
        const std::string name(child->page().name);
        auto* definition = app.add_subcommand(name, std::string(child->page().summary));
        for (const auto alias : child->page().aliases) {
            definition->alias(std::string(alias));
        }
        node.children.push_back(
            define(*child, child->children(), *definition, path + " " + name, common));
    }
    app.require_subcommand(0, 1);
    return node;
}

const CommandNode& chosen(const CommandNode& node) {
    for (const auto& child : node.children) {
        if (*child.definition) {
            return chosen(child);
        }
    }
    return node;
}

// The option of that spelling (`--timeout`, `-n`), also with a value attached, or nothing.
const CLI::Option* option_named(const CLI::App& app, const std::string& argument) {
    if (argument.size() < 2 || argument.front() != '-') {
        return nullptr;
    }
    return app.get_option_no_throw(argument.substr(0, argument.find('=')));
}

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* option : app.get_options()) {
        for (const auto& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    return names;
}

std::vector<std::string> child_names(const CommandNode& node) {
    std::vector<std::string> names;
    for (const auto& child : node.children) {
        if (!child.command->page().hidden) {
            names.emplace_back(child.command->page().name);
        }
    }
    return names;
}

[[noreturn]] void refuse(const CommandNode& node, const std::string& cause,
                         const std::string& hint = {}) {
    throw Error(ErrorCode::usage, fmt::format("cannot run '{}': {}", node.path, cause),
                hint.empty() ? fmt::format("'{} --help' shows how it is used", node.path) : hint);
}

[[noreturn]] void refuse_extra(const CommandNode& node, const std::string& argument) {
    const auto all = fmt::format("'{} --help' lists them all", node.path);
    const auto did_you_mean = [&](const std::vector<std::string>& names) {
        const auto near = suggest(argument.substr(0, argument.find('=')), names);
        return near ? fmt::format("did you mean '{}'? {}", *near, all) : all;
    };
    if (argument.starts_with("-")) {
        refuse(node, fmt::format("there is no option '{}'", argument),
               did_you_mean(option_names(*node.definition)));
    }
    if (!node.children.empty()) {
        refuse(node, fmt::format("there is no command '{}'", argument),
               did_you_mean(child_names(node)));
    }
    refuse(node, fmt::format("the argument '{}' is one too many", argument));
}

// The first argument that nothing took, in the deepest command that has one.
void check_extras(const CommandNode& node) {
    for (const auto& child : node.children) {
        if (*child.definition) {
            check_extras(child);
        }
    }
    const auto extras = node.definition->remaining();
    if (!extras.empty()) {
        refuse_extra(node, extras.front());
    }
}

void check_empty_values(const Arguments& arguments) {
    for (const auto& argument : arguments) {
        if (argument == "--") {
            return;
        }
        if (argument.starts_with("--") && argument.ends_with("=") &&
            argument.find('=') == argument.size() - 1) {
            throw Error(ErrorCode::usage,
                        fmt::format("cannot read '{}': the value is empty", argument),
                        "write the value behind the '=' or leave the option out");
        }
    }
}

// `--reason --plan` would take "--plan" as the reason and act in earnest.
void check_swallowed_options(const CommandNode& node, const Arguments& arguments) {
    for (std::size_t at = 0; at + 1 < arguments.size() && arguments[at] != "--"; ++at) {
        const auto* option = option_named(*node.definition, arguments[at]);
        const bool takes_next = option != nullptr && option->get_items_expected_min() > 0 &&
                                arguments[at].find('=') == std::string::npos;
        if (!takes_next) {
            continue;
        }
        if (option_named(*node.definition, arguments[at + 1]) != nullptr) {
            refuse(node, fmt::format("option '{}' needs a value, but '{}' follows it",
                                     arguments[at], arguments[at + 1]));
        }
        ++at;
    }
}

std::string described(const CLI::ParseError& error) {
    const std::string what = error.what();
    const auto name = what.substr(0, what.find(':'));
    if (error.get_name() == "ArgumentMismatch") {
        return what.find("At Most") != std::string::npos
                   ? fmt::format("option '{}' is given more than once", name)
                   : fmt::format("option '{}' needs a value", name);
    }
    if (error.get_name() == "RequiredError") {
        return fmt::format("{} is missing", what.substr(0, what.find(' ')));
    }
    return what;
}

} // namespace

CommandLine::CommandLine(std::unique_ptr<Command> program, Commands commands)
    : program_(std::move(program)), commands_(std::move(commands)),
      app_(std::make_unique<CLI::App>(std::string(program_->page().summary), "drctl")) {
    root_ = define(*program_, commands_, *app_, "drctl", common_);
    app_->set_version_flag("--version", std::string(version()), "Print the version")
        ->group("Output");
}

CommandLine::~CommandLine() = default;

Request CommandLine::parse(std::vector<std::string> arguments) {
    check_empty_values(arguments);
    // CLI11 takes them from the back.
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    const auto node = [this]() -> const CommandNode& { return chosen(root_); };
    try {
        app_->parse(reversed);
    } catch (const CLI::CallForHelp&) {
        return {Request::Kind::help, &node()};
    } catch (const CLI::CallForVersion&) {
        return {Request::Kind::version, &node()};
    } catch (const CLI::ExtrasError&) {
        check_extras(root_);
        refuse(node(), "an argument is not understood");
    } catch (const CLI::ParseError& error) {
        refuse(node(), described(error));
    }
    check_swallowed_options(node(), arguments);
    return {Request::Kind::run, &node()};
}

} // namespace drctl::app
