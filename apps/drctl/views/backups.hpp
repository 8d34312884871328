// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/outcome.hpp"
#include "procedures/backup_review.hpp"
#include "views/style.hpp"

#include <string>
#include <vector>

namespace drctl::app::views {

/// One line a backup, newest first; `now` is what ages are counted to.
[[nodiscard]] std::string human_backups(const std::vector<procedures::ReviewedBackup>& backups,
                                        system::WallTime now, const Style& style);
/// Schema drctl.backups/1.
[[nodiscard]] std::string backups_as_json(const std::string& database,
                                          const std::vector<procedures::ReviewedBackup>& backups);

/// The same of a verification, with what came of it.
[[nodiscard]] std::string human_review(const procedures::BackupReview& review, Outcome outcome,
                                       system::WallTime now, const Style& style, bool quiet);
[[nodiscard]] std::string review_as_json(const std::string& database,
                                         const procedures::BackupReview& review, Outcome outcome);

} // namespace drctl::app::views
