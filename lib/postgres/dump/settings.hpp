// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/lexer.hpp"
#include "postgres/dump/statement.hpp"

#include <optional>
#include <string>

namespace drctl::postgres::dump {

/// What a statement of kind `set` sets its parameter to; nothing for RESET and DEFAULT.
std::optional<std::string> value_of_setting(const Statement& statement, const Syntax& syntax);

/// What a dump has set so far, as far as it decides how the rest is read.
class Session {
  public:
    [[nodiscard]] const Syntax& syntax() const noexcept { return syntax_; }
    /// As written; empty: not set.
    [[nodiscard]] const std::string& encoding() const noexcept { return encoding_; }
    void apply(const Statement& setting);

  private:
    Syntax syntax_;
    std::string encoding_;
};

} // namespace drctl::postgres::dump
