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

/// Goes through candidates from the newest, inspects, and takes the newest clean one that was taken
/// before `before`, if that is given. `inspector` says what is wrong with one, and when it was
/// taken where the name does not: a file is never older than it seems, only what it holds may be,
/// so the look goes on while one seems newer than what was found.
[[nodiscard]] DRCTL_API Choice choose(const std::vector<Candidate>& newest_first,
                                      const std::optional<system::WallTime>& before,
                                      const std::function<Inspection(const Candidate&)>& inspector);

} // namespace drctl::backup
