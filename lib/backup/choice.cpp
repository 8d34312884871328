// SPDX-License-Identifier: Apache-2.0
#include "backup/choice.hpp"

namespace drctl::backup {
namespace {

void count_too_late(Choice& choice, const Candidate& candidate) {
    ++choice.too_late;
    if (!choice.oldest_too_late ||
        candidate.taken_before() < choice.oldest_too_late->taken_before()) {
        choice.oldest_too_late = candidate;
    }
}

} // namespace

Choice choose(const std::vector<Candidate>& newest_first,
              const std::optional<system::WallTime>& before, const Looks& looks) {
    Choice choice;
    const auto too_late = [&](const Candidate& one) {
        return before && one.taken_before() > *before;
    };
    const auto newer_than_chosen = [&](const Candidate& one) {
        return !choice.chosen || one.taken > choice.chosen->candidate.taken;
    };
    for (const auto& listed : newest_first) {
        if (!newer_than_chosen(listed)) {
            break;
        }
        const bool named = listed.taken_from == TimeSource::name;
        const auto candidate = named ? std::optional(listed) : looks.date(listed);
        const bool usable = candidate && candidate->unusable.empty();
        if ((usable || named) && too_late(*candidate)) {
            if (usable) {
                count_too_late(choice, *candidate);
            }
            continue; // not wrong, only not what was asked for
        }
        if (usable && !newer_than_chosen(*candidate)) {
            continue;
        }
        auto inspection = looks.inspect(candidate.value_or(listed));
        if (!inspection.clean()) {
            choice.rejected.push_back({listed.path.string(), inspection.reason});
        } else if (too_late(inspection.candidate)) {
            count_too_late(choice, inspection.candidate);
        } else if (newer_than_chosen(inspection.candidate)) {
            choice.chosen = std::move(inspection);
        }
    }
    return choice;
}

} // namespace drctl::backup
