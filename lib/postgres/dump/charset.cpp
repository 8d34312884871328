// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/charset.hpp"

#include <algorithm>
#include <array>
#include <string>

// Source: PostgreSQL's src/common/encnames.c (names) and src/common/wchar.c (lengths).
namespace drctl::postgres::dump {
namespace {

/// PostgreSQL compares encoding names without case and punctuation.
std::string canonical(std::string_view name) {
    std::string result;
    for (const char c : name) {
        if (c >= 'A' && c <= 'Z') {
            result += static_cast<char>(c - 'A' + 'a');
        } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            result += c;
        }
    }
    return result;
}

template <std::size_t N>
bool one_of(std::string_view name, const std::array<std::string_view, N>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 6> shift_jis_names = {
    "sjis", "shiftjis", "mskanji", "win932", "windows932", "shiftjis2004"};
constexpr std::array<std::string_view, 9> two_byte_names = {
    "big5", "win950", "windows950", "gbk", "win936", "windows936", "uhc", "win949", "windows949"};

bool between(int byte, int low, int high) {
    return byte >= low && byte <= high;
}

} // namespace

Charset::Charset(std::string_view name) {
    const std::string key = canonical(name);
    if (one_of(key, shift_jis_names)) {
        form_ = Form::shift_jis;
    } else if (one_of(key, two_byte_names)) {
        form_ = Form::two_bytes;
    } else if (key == "gb18030") {
        form_ = Form::gb18030;
    } else if (key == "johab") {
        form_ = Form::johab;
    }
}

std::size_t Charset::length(Input& input, std::size_t offset) const {
    switch (form_) {
    case Form::ascii_safe:
        return 1;
    case Form::two_bytes:
        return 2;
    case Form::shift_jis: // half-width katakana take one byte
        return between(input.at(offset), 0xa1, 0xdf) ? 1 : 2;
    case Form::gb18030:
        return between(input.at(offset + 1), '0', '9') ? 4 : 2;
    case Form::johab: // as EUC: the single shift 3 introduces two more bytes
        return input.at(offset) == 0x8f ? 3 : 2;
    }
    return 1;
}

} // namespace drctl::postgres::dump
