// SPDX-License-Identifier: Apache-2.0
#include "backup/choice.hpp"

namespace drctl::backup {

Choice choose(const std::vector<Candidate>& newest_first,
              const std::optional<system::WallTime>& before,
              const std::function<Inspection(const Candidate&)>& inspector) {
    Choice choice;
    const auto too_late = [&](const Candidate& one) { return before && one.taken >= *before; };
    const auto newer_than_chosen = [&](const Candidate& one) {
        return !choice.chosen || one.taken > choice.chosen->candidate.taken;
    };
    for (const auto& candidate : newest_first) {
        if (!newer_than_chosen(candidate)) {
            break;
        }
        if (too_late(candidate) && candidate.taken_from == TimeSource::name) {
            continue; // not wrong, only not what was asked for
        }
        auto inspection = inspector(candidate);
        if (!inspection.clean()) {
            choice.rejected.push_back({candidate.path.string(), inspection.reason});
        } else if (!too_late(inspection.candidate) && newer_than_chosen(inspection.candidate)) {
            choice.chosen = std::move(inspection);
        }
    }
    return choice;
}

} // namespace drctl::backup
