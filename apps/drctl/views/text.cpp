// SPDX-License-Identifier: Apache-2.0
#include "views/text.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/core.h>
#include <iterator>

namespace drctl::app::views {
namespace {

struct CodePoint {
    std::uint32_t value = 0;
    std::size_t bytes = 0; ///< 0: not UTF-8
};

bool continues(unsigned char byte) {
    return (byte & 0xC0U) == 0x80U;
}

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
CodePoint decode(std::string_view text) {
    const auto byte = [&](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at])
                                : static_cast<unsigned char>(0);
    };
    const std::uint32_t first = byte(0);
    if (first < 0x80) {
        return {first, 1};
    }
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4) {
        return {};
    }
    std::uint32_t value = first & (0x7FU >> length);
    for (std::size_t at = 1; at < length; ++at) {
        if (!continues(byte(at))) {
            return {};
        }
        value = (value << 6U) | (byte(at) & 0x3FU);
    }
    constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < smallest[length] || surrogate || value > 0x10FFFF) {
        return {};
    }
    return {value, length};
}

bool misleading(std::uint32_t code_point) {
    const auto within = [&](std::uint32_t first, std::uint32_t last) {
        return code_point >= first && code_point <= last;
    };
    return within(0x80, 0x9F) || within(0x202A, 0x202E) || within(0x2066, 0x2069) ||
           within(0x200E, 0x200F) || within(0x2028, 0x2029);
}

std::size_t skip_escape_sequence(std::string_view text, std::size_t at) {
    // Only sequences of our own are here: ESC [ parameters m.
    const auto end = text.find('m', at);
    return end == std::string_view::npos ? text.size() : end + 1;
}

} // namespace

std::string printable(std::string_view text) {
    std::string safe;
    safe.reserve(text.size());
    while (!text.empty()) {
        const auto [value, bytes] = decode(text);
        if (bytes == 0 || (value < 0x20 && value != '\n' && value != '\t') || value == 0x7F) {
            fmt::format_to(std::back_inserter(safe), "\\x{:02x}",
                           static_cast<unsigned char>(text.front()));
        } else if (value == '\n' || value == '\t') {
            safe.push_back(' ');
        } else if (misleading(value)) {
            fmt::format_to(std::back_inserter(safe), "\\u{{{:04x}}}", value);
        } else {
            safe.append(text.substr(0, bytes));
        }
        text.remove_prefix(std::max<std::size_t>(bytes, 1));
    }
    return safe;
}

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
