// SPDX-License-Identifier: Apache-2.0
#include "postgres/database_names.hpp"

#include "system/digest.hpp"

#include <algorithm>
#include <cctype>

namespace drctl::postgres {
namespace {

constexpr std::string_view copy_mark = "__copy_";
constexpr std::string_view kept_mark = "__before_";

/// `20261123T031502Z-7f3a` -> `20261123t031502z_7f3a`: needs no quotes in SQL.
std::string plain(std::string_view run_id) {
    std::string text(run_id);
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return c == '-' ? '_' : static_cast<char>(std::tolower(c));
    });
    return text;
}

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

std::string cut(std::string_view text, std::size_t most) {
    auto length = std::min(most, text.size());
    while (length > 0 && length < text.size() && continues_character(text[length])) {
        --length;
    }
    return std::string(text.substr(0, length));
}

std::string derived(std::string_view live, std::string_view mark, std::string_view run_id) {
    const auto tail = std::string(mark) + plain(run_id);
    if (live.size() + tail.size() <= longest_name) {
        return std::string(live) + tail;
    }
    constexpr std::size_t hash_length = 8;
    const auto hash = "_" + system::sha256_hex(live).substr(0, hash_length);
    return cut(live, longest_name - tail.size() - hash.size()) + hash + tail;
}

/// The shape of what plain() makes: digits, `t`, digits, `z_`, hexadecimal digits.
bool ends_as_run_id(std::string_view text) {
    constexpr std::string_view shape = "########t######z_";
    if (text.size() <= shape.size()) {
        return false;
    }
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool fits = shape[i] == '#' ? std::isdigit(static_cast<unsigned char>(text[i])) != 0
                                          : text[i] == shape[i];
        if (!fits) {
            return false;
        }
    }
    return text.substr(shape.size()).find_first_not_of("0123456789abcdef") ==
           std::string_view::npos;
}

bool has_mark(std::string_view name, std::string_view mark) {
    const auto at = name.rfind(mark);
    return at != std::string_view::npos && ends_as_run_id(name.substr(at + mark.size()));
}

} // namespace

std::string copy_name(std::string_view live, std::string_view run_id) {
    return derived(live, copy_mark, run_id);
}

std::string kept_name(std::string_view live, std::string_view run_id) {
    return derived(live, kept_mark, run_id);
}

bool is_made_by_a_run(std::string_view name) {
    return has_mark(name, copy_mark) || has_mark(name, kept_mark);
}

} // namespace drctl::postgres
