// SPDX-License-Identifier: Apache-2.0
#include "postgres/setting_list.hpp"

#include "postgres/connection.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace drctl::postgres {
namespace {

bool is_list_of_names(const std::string& name) {
    constexpr std::array<std::string_view, 6> lists{
        "local_preload_libraries",  "search_path",      "session_preload_libraries",
        "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories"};
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return std::find(lists.begin(), lists.end(), lower) != lists.end();
}

bool is_space(char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0;
}

/// Takes one element off the front of `text`: quoted (`""` is a quote) or bare, up to a comma.
std::string take_element(std::string_view& text) {
    std::string element;
    if (!text.empty() && text.front() == '"') {
        text.remove_prefix(1);
        while (!text.empty()) {
            const char c = text.front();
            text.remove_prefix(1);
            if (c == '"') {
                if (text.empty() || text.front() != '"') {
                    break;
                }
                text.remove_prefix(1);
            }
            element += c;
        }
        text.remove_prefix(std::min(text.find(','), text.size()));
    } else {
        const auto end = std::min(text.find(','), text.size());
        element = text.substr(0, end);
        while (!element.empty() && is_space(element.back())) {
            element.pop_back();
        }
        text.remove_prefix(end);
    }
    return element;
}

} // namespace

std::vector<std::string> setting_values(const std::string& name, const std::string& value) {
    if (!is_list_of_names(name) || value.empty()) {
        return {value};
    }
    std::vector<std::string> values;
    std::string_view rest = value;
    while (true) {
        while (!rest.empty() && is_space(rest.front())) {
            rest.remove_prefix(1);
        }
        values.push_back(take_element(rest));
        if (rest.empty()) {
            return values;
        }
        rest.remove_prefix(1); // the comma
    }
}

std::string quoted_setting_name(const Connection& connection, const std::string& name) {
    std::string quoted;
    std::string_view rest = name;
    while (true) {
        const auto dot = rest.find('.');
        quoted += connection.identifier(rest.substr(0, dot));
        if (dot == std::string_view::npos) {
            return quoted;
        }
        quoted += '.';
        rest.remove_prefix(dot + 1);
    }
}

} // namespace drctl::postgres
