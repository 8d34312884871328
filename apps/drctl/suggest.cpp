// SPDX-License-Identifier: Apache-2.0
#include "suggest.hpp"

#include <algorithm>
#include <cstddef>

namespace drctl::app {
namespace {

std::size_t distance(std::string_view one, std::string_view other) {
    const auto columns = other.size() + 1;
    std::vector<std::size_t> before_last(columns);
    std::vector<std::size_t> last(columns);
    std::vector<std::size_t> current(columns);
    for (std::size_t column = 0; column < columns; ++column) {
        last[column] = column;
    }
    for (std::size_t row = 1; row <= one.size(); ++row) {
        current[0] = row;
        for (std::size_t column = 1; column < columns; ++column) {
            const std::size_t cost = one[row - 1] == other[column - 1] ? 0 : 1;
            current[column] =
                std::min({last[column] + 1, current[column - 1] + 1, last[column - 1] + cost});
            if (row > 1 && column > 1 && one[row - 1] == other[column - 2] &&
                one[row - 2] == other[column - 1]) {
                current[column] = std::min(current[column], before_last[column - 2] + 1);
            }
        }
        std::swap(before_last, last);
        std::swap(last, current);
    }
    return last[other.size()];
}

} // namespace

std::optional<std::string> suggest(std::string_view word,
                                   const std::vector<std::string>& candidates) {
    std::optional<std::string> best;
    std::size_t best_distance = 0;
    bool tie = false;
    for (const auto& candidate : candidates) {
        const bool prefix = word.size() >= 2 && candidate.starts_with(word);
        const auto apart = prefix ? 0 : distance(word, candidate);
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
