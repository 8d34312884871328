// SPDX-License-Identifier: Apache-2.0
#include "views/text.hpp"

#include <algorithm>

namespace drctl::app::views {
namespace {

bool continues(unsigned char byte) {
    return (byte & 0xC0U) == 0x80U;
}

std::size_t skip_escape_sequence(std::string_view text, std::size_t at) {
    // Only sequences of our own are here: ESC [ parameters m.
    const auto end = text.find('m', at);
    return end == std::string_view::npos ? text.size() : end + 1;
}

} // namespace

std::size_t width_of(std::string_view text) noexcept {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '\x1b') {
            at = skip_escape_sequence(text, at);
            continue;
        }
        width += continues(static_cast<unsigned char>(text[at])) ? 0 : 1;
        ++at;
    }
    return width;
}

std::string cut(std::string_view text, std::size_t columns) {
    std::size_t at = 0;
    for (std::size_t width = 0; at < text.size(); ++at) {
        const bool starts = !continues(static_cast<unsigned char>(text[at]));
        if (starts && width == columns) {
            break;
        }
        width += starts ? 1 : 0;
    }
    return std::string(text.substr(0, at));
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    std::string line;
    while (true) {
        const auto start = text.find_first_not_of(" \n");
        if (start == std::string_view::npos) {
            break;
        }
        text.remove_prefix(start);
        const auto word = text.substr(0, text.find_first_of(" \n"));
        text.remove_prefix(word.size());
        if (!line.empty() && width_of(line) + 1 + width_of(word) > width) {
            lines.push_back(std::move(line));
            line.clear();
        }
        if (!line.empty()) {
            line.push_back(' ');
        }
        line.append(word);
    }
    if (!line.empty()) {
        lines.push_back(std::move(line));
    }
    return lines;
}

std::string wrap_indented(std::string_view text, std::size_t indent, std::size_t width) {
    std::string result;
    for (const auto& line : wrap(text, width - std::min(indent, width / 2))) {
        if (!result.empty()) {
            result.append("\n").append(indent, ' ');
        }
        result.append(line);
    }
    return result;
}

std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t indent) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t column = 0; column < row.size(); ++column) {
            widths[column] = std::max(widths[column], width_of(row[column]));
        }
    }
    std::string text;
    for (const auto& row : rows) {
        std::string line(indent, ' ');
        for (std::size_t column = 0; column < row.size(); ++column) {
            line.append(row[column]);
            line.append(widths[column] - width_of(row[column]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text.append(line).append("\n");
    }
    return text;
}

} // namespace drctl::app::views
