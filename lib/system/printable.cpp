// SPDX-License-Identifier: Apache-2.0
#include "system/printable.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/core.h>
#include <iterator>

namespace drctl::system {
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

} // namespace drctl::system
