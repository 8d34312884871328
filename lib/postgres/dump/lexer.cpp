// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/lexer.hpp"

#include <array>

namespace drctl::postgres::dump {
namespace {

/// Bytes by what they may begin or continue; bytes above 0x7f count as letters.
enum Class : unsigned char { other = 0, blank = 1, letter = 2, digit = 4, dollar_sign = 8 };

constexpr std::array<unsigned char, 256> make_classes() {
    std::array<unsigned char, 256> classes{};
    for (const char c : std::string_view(" \t\n\r\f\v")) {
        classes[static_cast<unsigned char>(c)] = blank;
    }
    for (unsigned c = 0; c < classes.size(); ++c) {
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80) {
            classes[c] = letter;
        } else if (c >= '0' && c <= '9') {
            classes[c] = digit;
        } else if (c == '$') {
            classes[c] = dollar_sign;
        }
    }
    return classes;
}
constexpr std::array<unsigned char, 256> classes = make_classes();

bool is(int byte, unsigned wanted) {
    return byte != Input::end && (classes[static_cast<std::size_t>(byte)] & wanted) != 0;
}

bool is_line_end(int byte) {
    return byte == '\n' || byte == '\r';
}

} // namespace

bool Lexer::follows(std::size_t offset, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (input_->at(offset + i) != static_cast<unsigned char>(text[i])) {
            return false;
        }
    }
    return true;
}

void Lexer::skip_character() {
    const int byte = input_->at(at_);
    const std::size_t length = byte < 0x80 ? 1 : syntax_.charset.length(*input_, at_);
    for (std::size_t i = 0; i < length && input_->at(at_) != Input::end; ++i) {
        ++at_;
    }
}

void Lexer::skip_line_comment() {
    while (input_->at(at_) != Input::end && !is_line_end(input_->at(at_))) {
        ++at_;
    }
}

bool Lexer::skip_block_comment() {
    unsigned depth = 0;
    do {
        if (follows(at_, "/*")) {
            ++depth;
            at_ += 2;
        } else if (follows(at_, "*/")) {
            --depth;
            at_ += 2;
        } else if (input_->at(at_) == Input::end) {
            return false;
        } else {
            ++at_;
        }
    } while (depth > 0);
    return true;
}

bool Lexer::skip_blanks() {
    for (;;) {
        const int byte = input_->at(at_);
        if (is(byte, blank)) {
            ++at_;
        } else if (byte == '-' && input_->at(at_ + 1) == '-') {
            skip_line_comment();
        } else if (byte == '/' && input_->at(at_ + 1) == '*') {
            if (!skip_block_comment()) {
                return false;
            }
        } else {
            return true;
        }
    }
}

Token Lexer::next() {
    const std::size_t before = at_;
    if (!skip_blanks()) {
        return token(Token::Kind::torn, before);
    }
    const std::size_t begin = at_;
    const int byte = input_->at(at_);
    if (byte == Input::end) {
        return token(Token::Kind::end, begin);
    }
    if (is(byte, letter)) {
        return word(begin);
    }
    if (is(byte, digit)) {
        return number(begin);
    }
    switch (byte) {
    case '\'':
        return string(begin, syntax_.standard_strings ? Escapes::none : Escapes::backslash);
    case '"':
        return quoted_name(begin);
    case '$':
        return dollar(begin);
    default:
        ++at_;
        return token(byte == '\\' ? Token::Kind::backslash : Token::Kind::symbol, begin);
    }
}

Token Lexer::word(std::size_t begin) {
    if (input_->at(begin + 1) == '\'') {
        switch (input_->at(begin)) {
        case 'e':
        case 'E':
            at_ = begin + 1;
            return string(begin, Escapes::backslash);
        case 'b':
        case 'B':
        case 'x':
        case 'X':
            at_ = begin + 1;
            return string(begin, Escapes::none);
        default:
            break;
        }
    }
    if ((input_->at(begin) | 0x20) == 'u' && input_->at(begin + 1) == '&') {
        if (input_->at(begin + 2) == '\'') {
            at_ = begin + 2;
            return string(begin, Escapes::none);
        }
        if (input_->at(begin + 2) == '"') {
            at_ = begin + 2;
            return quoted_name(begin);
        }
    }
    for (int byte = input_->at(at_); is(byte, letter | digit | dollar_sign);
         byte = input_->at(at_)) {
        if (byte < 0x80) {
            ++at_;
        } else {
            skip_character();
        }
    }
    return token(Token::Kind::word, begin);
}

Token Lexer::number(std::size_t begin) {
    while (is(input_->at(at_), letter | digit) || input_->at(at_) == '.') {
        ++at_;
    }
    return token(Token::Kind::number, begin);
}

/// At an opening quote; to behind the closing one.
bool Lexer::skip_quoted(char quote, Escapes escapes) {
    ++at_;
    for (;;) {
        if (escapes == Escapes::none) { // nothing but the quote matters, in any encoding
            const std::size_t hit = input_->find(quote, at_);
            at_ = hit == Input::npos ? input_->size() : hit;
        }
        const int byte = input_->at(at_);
        if (byte == Input::end) {
            return false;
        }
        if (byte == quote) {
            ++at_;
            if (input_->at(at_) != quote) {
                return true;
            }
        } else if (byte == '\\') {
            ++at_;
        }
        skip_character();
    }
}

/// SQL joins string literals that only white space with a line end (and `--` comments) separates,
/// and the first one's prefix rules them all.
bool Lexer::skip_to_continuation() {
    const std::size_t behind = at_;
    bool line_ended = false;
    for (;;) {
        const int byte = input_->at(at_);
        if (is(byte, blank)) {
            line_ended = line_ended || is_line_end(byte);
            ++at_;
        } else if (byte == '-' && input_->at(at_ + 1) == '-') {
            skip_line_comment();
        } else if (byte == '\'' && line_ended) {
            return true;
        } else {
            at_ = behind;
            return false;
        }
    }
}

Token Lexer::string(std::size_t begin, Escapes escapes) {
    do {
        if (!skip_quoted('\'', escapes)) {
            return token(Token::Kind::torn, begin);
        }
    } while (skip_to_continuation());
    return token(Token::Kind::string, begin);
}

Token Lexer::quoted_name(std::size_t begin) {
    const bool whole = skip_quoted('"', Escapes::none);
    return token(whole ? Token::Kind::quoted_name : Token::Kind::torn, begin);
}

Token Lexer::dollar(std::size_t begin) {
    ++at_;
    if (is(input_->at(at_), digit)) { // a parameter, $1
        return number(begin);
    }
    std::size_t tag_end = at_;
    while (is(input_->at(tag_end), letter | digit)) {
        ++tag_end;
    }
    if (input_->at(tag_end) != '$') {
        return token(Token::Kind::symbol, begin);
    }
    const std::size_t length = tag_end + 1 - begin;
    at_ = tag_end + 1;
    for (;;) {
        const std::size_t hit = input_->find('$', at_);
        if (hit == Input::npos || input_->at(hit + length - 1) == Input::end) {
            at_ = input_->size();
            return token(Token::Kind::torn, begin);
        }
        at_ = hit + 1;
        if (input_->slice(hit, hit + length) == input_->slice(begin, begin + length)) {
            at_ = hit + length;
            return token(Token::Kind::string, begin);
        }
    }
}

} // namespace drctl::postgres::dump
