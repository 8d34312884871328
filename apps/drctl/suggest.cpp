// SPDX-License-Identifier: Apache-2.0
#include "suggest.hpp"

#include "system/edit_distance.hpp"

#include <cstddef>

namespace drctl::app {

std::optional<std::string> suggest(std::string_view word,
                                   const std::vector<std::string>& candidates) {
    std::optional<std::string> best;
    std::size_t best_distance = 0;
    bool tie = false;
    for (const auto& candidate : candidates) {
        const bool prefix = word.size() >= 2 && candidate.starts_with(word);
        const auto apart = prefix ? 0 : system::edits_between(word, candidate);
        if (apart > candidate.size() / 3) {
            continue;
        }
        if (!best || apart < best_distance) {
            best = candidate;
            best_distance = apart;
            tie = false;
        } else if (apart == best_distance) {
            tie = true;
        }
    }
    return tie ? std::nullopt : best;
}

} // namespace drctl::app
