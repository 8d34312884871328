// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/process.hpp"

#include <string>
#include <vector>

/// Words that all managers use.
namespace drctl::service {

/// What stands between the blanks of a line.
[[nodiscard]] std::vector<std::string> words_of(const std::string& line);

/// `: LINE` with the last line the program said; nothing if it said nothing.
[[nodiscard]] std::string last_line_after_colon(const system::ProcessResult& result);

/// Throws the Error(refused) of a service that must not be started because it is held.
[[noreturn]] void throw_held(const std::string& name);

} // namespace drctl::service
