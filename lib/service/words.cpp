// SPDX-License-Identifier: Apache-2.0
#include "service/words.hpp"

#include "drctl/error.hpp"

#include <fmt/core.h>

namespace drctl::service {

std::string_view last_line(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\r\n";
    const auto last = text.find_last_not_of(blanks);
    if (last == std::string_view::npos) {
        return {};
    }
    text = text.substr(0, last + 1);
    const auto before = text.rfind('\n');
    return before == std::string_view::npos ? text : text.substr(before + 1);
}

std::string last_line_after_colon(const system::ProcessResult& result) {
    const auto err = last_line(result.err);
    const auto line = err.empty() ? last_line(result.out) : err;
    return line.empty() ? std::string{} : fmt::format(": {}", line);
}

void throw_held(const std::string& name) {
    throw Error(ErrorCode::refused,
                fmt::format("cannot start service '{}': it is held down by a recovery", name),
                "'drctl runs list' shows the run that holds it; running it again or undoing it "
                "releases the service");
}

} // namespace drctl::service
