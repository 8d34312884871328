// SPDX-License-Identifier: Apache-2.0
#include "engine/facts.hpp"

#include "drctl/error.hpp"

namespace drctl::engine {

std::optional<std::string> Facts::get(const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
}

const std::string& Facts::require(const std::string& key) const {
    const auto found = values_.find(key);
    if (found == values_.end()) {
        throw Error(ErrorCode::bug, "the run has not recorded the fact '" + key + "'");
    }
    return found->second;
}

} // namespace drctl::engine
