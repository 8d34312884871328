// SPDX-License-Identifier: Apache-2.0
#include "views/status.hpp"

#include "system/units.hpp"
#include "views/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace drctl::app::views {
namespace {

using json = nlohmann::ordered_json;
using procedures::StatusItem;
using procedures::StatusItems;
using State = StatusItem::State;

Tone tone_of(State state) {
    switch (state) {
    case State::good:
        return Tone::good;
    case State::notice:
        return Tone::strong;
    case State::unknown:
        return Tone::warning;
    case State::bad:
        break;
    }
    return Tone::bad;
}

std::string since(const StatusItem& item, system::WallTime now) {
    if (!item.since) {
        return {};
    }
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - *item.since);
    return fmt::format("since {} ({})", system::format_rfc3339(*item.since),
                       system::format_duration(std::max(age, std::chrono::milliseconds(0))));
}

std::string summary_of(const StatusItem& item) {
    return printable(item.summary) +
           (item.bytes ? ", " + system::format_size({*item.bytes}) : std::string());
}

/// `2 databases, 1 service` of those that were looked at.
std::string counted(const StatusItems& items) {
    std::vector<std::pair<std::string, int>> counts;
    for (const auto& item : items) {
        if (item.state == State::good) {
            const auto known = std::find_if(counts.begin(), counts.end(), [&](const auto& count) {
                return count.first == item.kind;
            });
            if (known == counts.end()) {
                counts.emplace_back(item.kind, 1);
            } else {
                ++known->second;
            }
        }
    }
    std::string text;
    for (const auto& [kind, count] : counts) {
        text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", count,
                            kind == "health"   ? "health check"
                            : kind == "backup" ? "newest backup"
                                               : kind,
                            count == 1 ? "" : "s");
    }
    return text.empty() ? "nothing is configured" : text;
}

} // namespace

Outcome outcome_of(const StatusItems& items) noexcept {
    return procedures::all_good(items) ? Outcome::healthy : Outcome::over_limit;
}

std::string human_status(const StatusItems& items, system::WallTime now, const Style& style,
                         bool quiet) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& item : items) {
        if (quiet && item.is_good()) {
            continue;
        }
        rows.push_back({style.paint(tone_of(item.state), procedures::name_of(item.state)),
                        item.kind, printable(item.name), summary_of(item)});
        if (item.since) {
            rows.push_back({"", "", "", style.paint(Tone::dim, since(item, now))});
        }
        if (!item.next.empty()) {
            rows.push_back(
                {"", "", "", style.paint(Tone::strong, "next: ") + printable(item.next)});
        }
    }
    if (items.empty()) {
        return "nothing is configured\n";
    }
    return table(rows);
}

std::string short_status(const StatusItems& items, system::WallTime now, const Style& style) {
    std::string text;
    std::string next;
    for (const auto& item : items) {
        if (item.state == State::good || item.kind == "kept") {
            continue;
        }
        const auto when = since(item, now);
        text +=
            fmt::format("{} {}: {}{}\n", style.paint(tone_of(item.state), item.kind),
                        printable(item.name), summary_of(item), when.empty() ? "" : ", " + when);
        if (next.empty() && !item.is_good()) {
            next = item.next;
        }
    }
    if (procedures::all_good(items)) {
        return text + fmt::format("{} {}\n", style.paint(Tone::good, "all good:"), counted(items));
    }
    if (!next.empty()) {
        text += fmt::format("{} {}\n", style.paint(Tone::strong, "next:"), printable(next));
    }
    return text + "everything: drctl status\n";
}

std::string status_as_json(const StatusItems& items) {
    const auto outcome = outcome_of(items);
    auto list = json::array();
    for (const auto& item : items) {
        json body{{"kind", item.kind},
                  {"name", item.name},
                  {"state", procedures::name_of(item.state)},
                  {"summary", item.summary}};
        if (item.since) {
            body["since"] = system::format_rfc3339(*item.since);
        }
        if (item.bytes) {
            body["bytes"] = *item.bytes;
        }
        if (!item.next.empty()) {
            body["next"] = item.next;
        }
        list.push_back(std::move(body));
    }
    return json{{"schema", "drctl.status/1"},
                {"outcome", name_of(outcome)},
                {"exit_code", static_cast<int>(exit_code_of(outcome))},
                {"items", std::move(list)}}
               .dump(-1, ' ', false, json::error_handler_t::replace) +
           "\n";
}

std::string welcome(const std::string& missing_file) {
    return fmt::format("There is no configuration yet: {} does not exist.\n"
                       "\n"
                       "  sudo drctl config init   write one from what is found on this host\n"
                       "  drctl demo               break a throwaway PostgreSQL and bring it back\n"
                       "  drctl --help             all commands\n",
                       printable(missing_file));
}

} // namespace drctl::app::views
