// SPDX-License-Identifier: Apache-2.0
#include "backup/choice.hpp"

namespace drctl::backup {

Choice choose(const std::vector<Candidate>& newest_first,
              const std::optional<system::WallTime>& before,
              const std::function<Inspection(const Candidate&)>& inspector) {
    Choice choice;
    for (const auto& candidate : newest_first) {
        if (before && candidate.taken >= *before) {
            continue; // not wrong, only not what was asked for
        }
        auto inspection = inspector(candidate);
        if (inspection.clean()) {
            choice.chosen = std::move(inspection);
            return choice;
        }
        choice.rejected.push_back({candidate.path.string(), inspection.reason});
    }
    return choice;
}

} // namespace drctl::backup
