// SPDX-License-Identifier: Apache-2.0
#include "system/shell_words.hpp"

namespace drctl::system {

std::string shell_word(std::string_view word) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789@%+=:,./_-";
    if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) {
        return std::string(word);
    }
    std::string result = "'";
    for (const char letter : word) {
        // A single quote cannot stand within single quotes.
        result += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    }
    return result + "'";
}

std::string shell_line(const Argv& argv) {
    std::string line;
    for (const auto& word : argv) {
        line += (line.empty() ? "" : " ") + shell_word(word);
    }
    return line;
}

} // namespace drctl::system
