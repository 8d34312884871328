// SPDX-License-Identifier: Apache-2.0
#include "views/backups.hpp"

#include "system/units.hpp"
#include "views/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace drctl::app::views {
namespace {

using json = nlohmann::ordered_json;
using procedures::ReviewedBackup;
using State = ReviewedBackup::State;
using Backups = std::vector<ReviewedBackup>;

Tone tone_of(State state) {
    switch (state) {
    case State::clean:
        return Tone::good;
    case State::rejected:
        return Tone::bad;
    case State::not_judged:
        return Tone::warning;
    case State::not_inspected:
        break;
    }
    return Tone::plain;
}

std::string age_of(const ReviewedBackup& backup, system::WallTime now) {
    const auto age =
        std::chrono::duration_cast<std::chrono::milliseconds>(now - backup.candidate.taken);
    return age.count() < 0 ? std::string() : system::format_duration(age) + " ago";
}

json to_json_value(const ReviewedBackup& backup) {
    const auto& candidate = backup.candidate;
    json body{{"path", candidate.path.string()},
              {"taken", system::format_rfc3339(candidate.taken)},
              {"taken_from", backup::name_of(candidate.taken_from)},
              {"bytes", candidate.bytes},
              {"state", procedures::name_of(backup.state)}};
    if (!backup.reason.empty()) {
        body["reason"] = backup.reason;
    }
    if (!backup.sha256.empty()) {
        body["sha256"] = backup.sha256;
    }
    if (!backup.notes.empty()) {
        body["notes"] = backup.notes;
    }
    if (backup.inspected) {
        body["inspected"] = system::format_rfc3339(*backup.inspected);
    }
    return body;
}

json to_json_value(const Backups& backups) {
    auto list = json::array();
    for (const auto& backup : backups) {
        list.push_back(to_json_value(backup));
    }
    return list;
}

std::string line_of(const json& body) {
    return body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string counted(const Backups& backups) {
    std::string text;
    for (const auto state :
         {State::clean, State::rejected, State::not_judged, State::not_inspected}) {
        const auto count =
            std::count_if(backups.begin(), backups.end(),
                          [state](const auto& backup) { return backup.state == state; });
        if (count > 0) {
            text +=
                fmt::format("{}{} {}", text.empty() ? "" : ", ", count, procedures::name_of(state));
        }
    }
    return text;
}

} // namespace

std::string human_backups(const Backups& backups, system::WallTime now, const Style& style) {
    if (backups.empty()) {
        return "there are no backups\n";
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& backup : backups) {
        const auto& candidate = backup.candidate;
        rows.push_back(
            {style.paint(tone_of(backup.state), procedures::name_of(backup.state)),
             system::format_rfc3339(candidate.taken), age_of(backup, now),
             fmt::format("by {}", backup::name_of(candidate.taken_from)),
             system::format_size({candidate.bytes}), printable(candidate.path.string()),
             printable(fmt::format("{}{}{}", backup.reason,
                                   backup.reason.empty() || backup.notes.empty() ? "" : "; ",
                                   fmt::join(backup.notes, "; ")))});
    }
    return table(rows);
}

std::string backups_as_json(const std::string& database, const Backups& backups) {
    return line_of({{"schema", "drctl.backups/1"},
                    {"kind", "db"},
                    {"target", database},
                    {"backups", to_json_value(backups)}});
}

std::string human_review(const procedures::BackupReview& review, Outcome outcome,
                         system::WallTime now, const Style& style, bool quiet) {
    auto shown = review.backups;
    if (quiet) {
        std::erase_if(shown, [](const auto& backup) { return backup.state == State::clean; });
        return shown.empty() ? std::string() : human_backups(shown, now, style);
    }
    auto text = human_backups(shown, now, style);
    text +=
        style.paint(outcome == Outcome::healthy ? Tone::good : Tone::bad, counted(review.backups)) +
        "\n";
    for (const auto& missed : review.not_looked_at) {
        text += fmt::format("not looked at: {}\n", printable(missed));
    }
    return text;
}

std::string review_as_json(const std::string& database, const procedures::BackupReview& review,
                           Outcome outcome) {
    json body{{"schema", "drctl.backups/1"},
              {"kind", "db"},
              {"target", database},
              {"outcome", name_of(outcome)},
              {"exit_code", static_cast<int>(exit_code_of(outcome))},
              {"summary", counted(review.backups)},
              {"backups", to_json_value(review.backups)}};
    if (!review.not_looked_at.empty()) {
        body["not_looked_at"] = review.not_looked_at;
    }
    return line_of(body);
}

} // namespace drctl::app::views
