// SPDX-License-Identifier: Apache-2.0
#include "system/edit_distance.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace drctl::system {

std::size_t edits_between(std::string_view one, std::string_view other) {
    // Of the table of all prefixes against each other three rows are kept.
    std::vector<std::size_t> before_last, last(other.size() + 1), row(other.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 0; i < one.size(); ++i) {
        row[0] = i + 1;
        for (std::size_t j = 0; j < other.size(); ++j) {
            const std::size_t changed = last[j] + (one[i] == other[j] ? 0 : 1);
            row[j + 1] = std::min({row[j] + 1, last[j + 1] + 1, changed});
            if (i > 0 && j > 0 && one[i] == other[j - 1] && one[i - 1] == other[j]) {
                row[j + 1] = std::min(row[j + 1], before_last[j - 1] + 1);
            }
        }
        before_last = std::exchange(last, row);
    }
    return last.back();
}

} // namespace drctl::system
