// SPDX-License-Identifier: Apache-2.0
#include "procedures/status/looks.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace drctl::procedures {
namespace {

using State = StatusItem::State;

/// How old a backup may get: what may be lost without asking, where that is a time.
std::optional<config::Duration> oldest_allowed(const config::Database& database) {
    if (!database.max_data_loss) {
        return std::nullopt;
    }
    const auto* time = std::get_if<config::Duration>(&*database.max_data_loss);
    return time == nullptr ? std::nullopt : std::optional(*time);
}

} // namespace

StatusItem status_of(const std::vector<ReviewedBackup>& newest_first,
                     const config::Database& database, system::WallTime now) {
    StatusItem item;
    item.kind = "backup";
    item.name = database.name;
    item.next = "drctl backup verify " + database.name;
    item.state = State::bad;
    if (newest_first.empty()) {
        item.summary = fmt::format("there is none: no file in '{}' matches '{}'",
                                   database.backups->dir.string(), database.backups->pattern);
        item.next = "check backups.dir and backups.pattern, and what should make backups";
        return item;
    }
    const auto usable =
        std::find_if(newest_first.begin(), newest_first.end(), [](const ReviewedBackup& backup) {
            return backup.state != ReviewedBackup::State::rejected;
        });
    const auto& newest = newest_first.front();
    const auto rejected = [&] {
        return fmt::format("the newest, '{}', is rejected: {}",
                           newest.candidate.path.filename().string(), newest.reason);
    };
    if (usable == newest_first.end()) {
        item.summary = "all are rejected; " + rejected();
        return item;
    }
    const auto age = system::age_of(usable->candidate.taken, now);
    const auto limit = oldest_allowed(database);
    item.summary = fmt::format("newest that may be used: {}, {} old, {}",
                               system::format_rfc3339(usable->candidate.taken),
                               system::format_duration(age), name_of(usable->state));
    if (usable != newest_first.begin()) {
        item.summary = rejected() + "; " + item.summary;
    } else if (limit && age > *limit) {
        item.summary +=
            fmt::format("; more than max_data_loss ({})", system::format_duration(*limit));
        item.since = usable->candidate.taken + *limit;
        item.next = "make one, or see why none was made";
    } else {
        item.state = State::good;
        item.next.clear();
    }
    return item;
}

StatusItem look_at_backups(const config::Database& database, const Toolbox& tools,
                           system::StopToken stop) {
    return status_of(known_backups(database, tools, stop), database, tools.clock->wall());
}

} // namespace drctl::procedures
