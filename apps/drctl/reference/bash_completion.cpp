// SPDX-License-Identifier: Apache-2.0
#include "reference/completion.hpp"
#include "reference/pages.hpp"

#include <fmt/format.h>

namespace drctl::app::reference {
namespace {

// What follows needs bash alone, not the bash-completion package.
constexpr std::string_view walk = R"(
_drctl_reply() { # KIND WORDS...
    local kind=$1
    shift
    case $kind in
    files)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        ;;
    directories)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
        ;;
    words) mapfile -t COMPREPLY < <(compgen -W "$*" -- "$cur") ;;
    esac
}

_drctl() {
    local cur=${COMP_WORDS[COMP_CWORD]} path=drctl awaiting='' attached='' taken=0 word child at
    COMPREPLY=()
    for ((at = 1; at < COMP_CWORD; at++)); do
        word=${COMP_WORDS[at]}
        if [[ $word == '=' ]]; then # readline parts --color=never into three words
            awaiting=${COMP_WORDS[at - 1]}
        elif [[ -n $awaiting ]]; then
            awaiting=''
        elif [[ $word == -* ]]; then
            _drctl_takes_value "$path" "$word" && awaiting=$word
        elif child=$(_drctl_child "$path" "$word") && [[ -n $child ]]; then
            path="$path $child" taken=0
        else
            taken=$((taken + 1))
        fi
    done
    if [[ $cur == '=' ]]; then
        awaiting=${COMP_WORDS[COMP_CWORD - 1]} cur=''
    elif [[ $cur == --*=* ]]; then
        awaiting=${cur%%=*} attached="${cur%%=*}=" cur=${cur#*=}
    fi

    local -a reply
    if [[ -n $awaiting ]]; then
        read -ra reply < <(_drctl_value "$path" "$awaiting")
    elif [[ $cur == -* ]]; then
        reply=(words $(_drctl_options "$path"))
    else
        read -ra reply < <(_drctl_argument "$path" "$taken")
        local -a children
        read -ra children < <(_drctl_children "$path")
        if ((taken == 0)) && ((${#children[@]} > 0)); then
            reply=(words "${children[@]}")
        fi
    fi
    ((${#reply[@]} > 0)) && _drctl_reply "${reply[@]}"
    [[ -n $attached ]] && COMPREPLY=("${COMPREPLY[@]/#/$attached}")
    return 0
}
complete -F _drctl drctl
)";

std::string kind_of(const Candidates& candidates) {
    switch (candidates.kind) {
    case Candidates::Kind::none:
        break;
    case Candidates::Kind::files:
        return "files";
    case Candidates::Kind::directories:
        return "directories";
    case Candidates::Kind::words:
        return fmt::format("words {}", fmt::join(candidates.words, " "));
    }
    return {};
}

// One branch of a `case`, or nothing where there is nothing to say.
std::string branch(const std::string& pattern, const std::string& printed) {
    return printed.empty() ? std::string{}
                           : fmt::format("    {}) echo {} ;;\n", pattern, shell_quoted(printed));
}

std::string function(std::string_view name, std::string_view subject, const std::string& branches) {
    return fmt::format("\n{}() {{\n    case {} in\n{}    esac\n}}\n", name, subject, branches);
}

std::string children_branch(const CommandDoc& command) {
    std::vector<std::string_view> names;
    for (const auto& child : command.children) {
        names.push_back(child.page->name);
    }
    return branch(shell_quoted(command.path), fmt::format("{}", fmt::join(names, " ")));
}

std::string child_branches(const CommandDoc& command) {
    std::string branches;
    for (const auto& child : command.children) {
        std::string pattern = shell_quoted(command.path + " " + std::string(child.page->name));
        for (const auto alias : child.page->aliases) {
            pattern += " | " + shell_quoted(command.path + " " + std::string(alias));
        }
        branches += branch(pattern, std::string(child.page->name));
    }
    return branches;
}

std::string options_branch(const CommandDoc& command) {
    std::vector<std::string> names;
    for (const auto& option : command.options) {
        names.insert(names.end(), option.names.begin(), option.names.end());
    }
    return branch(shell_quoted(command.path), fmt::format("{}", fmt::join(names, " ")));
}

std::string pattern_of(const CommandDoc& command, const OptionDoc& option) {
    std::vector<std::string> patterns;
    for (const auto& name : option.names) {
        patterns.push_back(shell_quoted(command.path + " " + name));
    }
    return fmt::format("{}", fmt::join(patterns, " | "));
}

std::string argument_branches(const CommandDoc& command) {
    std::string branches;
    for (std::size_t at = 0; at < command.arguments.size(); ++at) {
        const auto& argument = command.arguments[at];
        const auto kind = kind_of(candidates_of(argument));
        const auto place = argument.repeatable ? std::string("*") : std::to_string(at);
        branches += branch(shell_quoted(command.path + " ") + place, kind);
    }
    return branches;
}

} // namespace

std::string bash_completion(const CommandDoc& program) {
    std::string children;
    std::string child;
    std::string options;
    std::string takes_value;
    std::string values;
    std::string arguments;
    visit(program, [&](const CommandDoc& command) {
        children += children_branch(command);
        child += child_branches(command);
        options += options_branch(command);
        arguments += argument_branches(command);
        for (const auto& option : command.options) {
            const auto pattern = pattern_of(command, option);
            values += branch(pattern, kind_of(candidates_of(option)));
            if (!option.argument.empty() && !option.argument_optional) {
                takes_value += fmt::format("    {}) return 0 ;;\n", pattern);
            }
        }
    });
    takes_value += "    *) return 1 ;;\n";
    return std::string(generated_notice) + function("_drctl_children", "$1", children) +
           function("_drctl_child", "\"$1 $2\"", child) +
           function("_drctl_options", "$1", options) +
           function("_drctl_takes_value", "\"$1 $2\"", takes_value) +
           function("_drctl_value", "\"$1 $2\"", values) +
           function("_drctl_argument", "\"$1 $2\"", arguments) + std::string(walk);
}

} // namespace drctl::app::reference
