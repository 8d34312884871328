// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"

#include <string>
#include <string_view>

/// What a five-letter SQLSTATE says to us. Source: appendix A of PostgreSQL's manual.
namespace drctl::postgres {

/// The standard's name of the condition (`unique_violation`), or that of its class
/// (`data_exception`), or `error` for an unknown class.
[[nodiscard]] std::string_view condition_name(std::string_view sqlstate) noexcept;

/// False where the server's primary message may quote row data, statement text or what a user's
/// function raised; such a message is replaced by the condition's name.
[[nodiscard]] bool message_is_free_of_data(std::string_view sqlstate) noexcept;

/// How the failure looks to the person who typed the command.
[[nodiscard]] ErrorCode error_code_of(std::string_view sqlstate) noexcept;

/// What to do about it, or empty.
[[nodiscard]] std::string_view hint_for(std::string_view sqlstate) noexcept;

} // namespace drctl::postgres
