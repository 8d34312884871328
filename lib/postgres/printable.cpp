// SPDX-License-Identifier: Apache-2.0
#include "postgres/printable.hpp"

#include <cstddef>

namespace drctl::postgres {
namespace {

/// Bytes of the UTF-8 sequence at the front, or 0 if there is none. Overlong forms and
/// surrogates are let through: this is for reading, not for storing.
std::size_t sequence_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xc2 ? 0
                               : first < 0xe0 ? 2
                               : first < 0xf0 ? 3
                               : first < 0xf5 ? 4
                                              : 0;
    if (length > text.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80) {
            return 0;
        }
    }
    return length;
}

} // namespace

std::string printable(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto length = sequence_length(text);
        if (length == 0) {
            result += '?';
        } else {
            result += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return result;
}

} // namespace drctl::postgres
