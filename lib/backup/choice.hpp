// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "backup/inspection.hpp"
#include "drctl/report.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace drctl::backup {

/// The newest clean backup, and why each newer one is not it.
struct Choice {
    std::optional<Inspection> chosen;
    std::vector<Report::RejectedBackup> rejected;
};

/// Goes through candidates from the newest, inspects, and stops at the first clean one that was
/// taken before `before`, if that is given. `inspector` says what is wrong with one.
[[nodiscard]] DRCTL_API Choice choose(const std::vector<Candidate>& newest_first,
                                      const std::optional<system::WallTime>& before,
                                      const std::function<Inspection(const Candidate&)>& inspector);

} // namespace drctl::backup
