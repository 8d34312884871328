// SPDX-License-Identifier: Apache-2.0
#include "config/conninfo.hpp"

namespace drctl::config {
namespace {

constexpr std::string_view spaces = " \t\n\r\f\v";

bool is_space(char c) {
    return spaces.find(c) != std::string_view::npos;
}

void skip_spaces(std::string_view& rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(spaces), rest.size()));
}

/// Takes a value off the front; false if its quote is never closed.
bool skip_value(std::string_view& rest) {
    const bool is_quoted = !rest.empty() && rest.front() == '\'';
    std::size_t at = is_quoted ? 1 : 0;
    while (at < rest.size() && (is_quoted ? rest[at] != '\'' : !is_space(rest[at]))) {
        at += rest[at] == '\\' ? 2 : 1;
    }
    if (is_quoted && at >= rest.size()) {
        return false;
    }
    rest.remove_prefix(std::min(is_quoted ? at + 1 : at, rest.size()));
    return true;
}

} // namespace

std::optional<std::vector<std::string>> conninfo_keywords(std::string_view conninfo) {
    std::vector<std::string> result;
    auto rest = conninfo;
    for (skip_spaces(rest); !rest.empty(); skip_spaces(rest)) {
        const auto end = std::min(rest.find_first_of(" \t\n\r\f\v="), rest.size());
        const auto keyword = rest.substr(0, end);
        rest.remove_prefix(end);
        skip_spaces(rest);
        if (keyword.empty() || rest.empty() || rest.front() != '=') {
            return std::nullopt;
        }
        rest.remove_prefix(1);
        skip_spaces(rest);
        if (!skip_value(rest)) {
            return std::nullopt;
        }
        result.emplace_back(keyword);
    }
    return result;
}

} // namespace drctl::config
