// SPDX-License-Identifier: Apache-2.0
#include "service/words.hpp"

#include "drctl/error.hpp"

#include <fmt/core.h>
#include <sstream>

namespace drctl::service {

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream words(line);
    std::vector<std::string> found;
    for (std::string word; words >> word;) {
        found.push_back(word);
    }
    return found;
}

std::string last_line_after_colon(const system::ProcessResult& result) {
    const auto line = result.last_line();
    return line.empty() ? std::string{} : fmt::format(": {}", line);
}

void throw_held(const std::string& name) {
    throw Error(ErrorCode::refused,
                fmt::format("cannot start service '{}': it is held down by a recovery", name),
                "'drctl runs list' shows the run that holds it; running it again or undoing it "
                "releases the service");
}

} // namespace drctl::service
