// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/process.hpp"

#include <string>
#include <string_view>

/// Words that all managers use.
namespace drctl::service {

/// The last line that is not empty; nothing if there is none.
[[nodiscard]] std::string_view last_line(std::string_view text) noexcept;

/// `: LINE` with the last line of stderr, or else of stdout; nothing if it said nothing.
[[nodiscard]] std::string last_line_after_colon(const system::ProcessResult& result);

/// Throws the Error(refused) of a service that must not be started because it is held.
[[noreturn]] void throw_held(const std::string& name);

} // namespace drctl::service
