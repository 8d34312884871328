// SPDX-License-Identifier: Apache-2.0
#include "reference/completion.hpp"

#include <algorithm>

namespace drctl::app::reference {

Candidates candidates_of(const OptionDoc& option) {
    if (option.argument == "FILE") {
        return {Candidates::Kind::files, {}};
    }
    if (option.argument == "DIR") {
        return {Candidates::Kind::directories, {}};
    }
    if (option.argument.find('|') == std::string::npos ||
        option.argument.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos) {
        return {};
    }
    Candidates candidates{Candidates::Kind::words, {}};
    for (std::string_view rest = option.argument; !rest.empty();) {
        const auto word = rest.substr(0, rest.find('|'));
        candidates.words.emplace_back(word);
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    }
    return candidates;
}

void visit(const CommandDoc& command, const std::function<void(const CommandDoc&)>& visitor) {
    visitor(command);
    for (const auto& child : command.children) {
        visit(child, visitor);
    }
}

std::string shell_quoted(std::string_view text) {
    std::string quoted = "'";
    for (const char letter : text) {
        quoted += letter == '\'' ? "'\\''" : std::string(1, letter);
    }
    return quoted + "'";
}

} // namespace drctl::app::reference
