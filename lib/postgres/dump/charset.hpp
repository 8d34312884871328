// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/input.hpp"

#include <cstddef>
#include <string_view>

namespace drctl::postgres::dump {

/// How an encoding's characters are told apart, as far as a lexer must know. In every encoding a
/// server may have, a byte below 0x80 is that ASCII character; in those that only clients may
/// have (`pg_dump -E SJIS`) it can be the second byte of another one, a backslash for example.
class Charset {
  public:
    /// One where ASCII bytes are ASCII characters.
    Charset() = default;
    /// By any name PostgreSQL knows it by; an unknown one is taken for a server encoding.
    explicit Charset(std::string_view name);

    /// Bytes of the character at `offset` (whose first byte is 0x80 or above).
    [[nodiscard]] std::size_t length(Input& input, std::size_t offset) const;

  private:
    enum class Form { ascii_safe, two_bytes, shift_jis, gb18030, johab };
    Form form_ = Form::ascii_safe;
};

} // namespace drctl::postgres::dump
