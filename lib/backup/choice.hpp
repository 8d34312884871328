// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "backup/inspection.hpp"
#include "drctl/report.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace drctl::backup {

/// The newest clean backup, and why each newer one is not it.
struct Choice {
    std::optional<Inspection> chosen;
    std::vector<Report::RejectedBackup> rejected;
    std::size_t too_late = 0; ///< nothing is known against them but that they are not old enough
    std::optional<Candidate> oldest_too_late;
};

/// How a candidate is looked at.
struct Looks {
    /// A short look: when it was taken, if its name does not say it; nothing where that cannot be
    /// told. See date_by_header().
    std::function<std::optional<Candidate>(const Candidate&)> date;
    /// A long one: what is wrong with it.
    std::function<Inspection(const Candidate&)> inspect;
};

/// Goes through candidates from the newest, and takes the newest clean one that was taken before
/// `before`, if that is given. Takes long looks only at what may be that one. A file is never older
/// than it seems, only what it holds may be, so the look goes on while one seems newer than what
/// was found.
[[nodiscard]] DRCTL_API Choice choose(const std::vector<Candidate>& newest_first,
                                      const std::optional<system::WallTime>& before,
                                      const Looks& looks);

} // namespace drctl::backup
