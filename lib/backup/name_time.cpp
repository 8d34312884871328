// SPDX-License-Identifier: Apache-2.0
#include "backup/name_time.hpp"

#include "drctl/error.hpp"
#include "system/units.hpp"

#include <filesystem>
#include <fmt/core.h>
#include <regex>
#include <sstream>

namespace drctl::backup {
namespace {

constexpr const char* zone_directory = "/usr/share/zoneinfo";

/// One date, and what may be a time after it, with one separator throughout, and its zone. No digit
/// may touch it on either side, or `dump_1234567890.sql` would have one.
const std::regex& stamp_pattern() {
    static const std::regex pattern(
        R"((?:^|[^0-9])(20[0-9]{2})([-_.]?)([0-9]{2})\2([0-9]{2}))"
        R"((?:[-_.T ]?([01][0-9]|2[0-3])([-_.:]?)([0-5][0-9])(?:\6([0-5][0-9]))?)"
        R"((Z|[-+](?:0[0-9]|1[0-4]):?[0-5][0-9])?)?(?![0-9]))");
    return pattern;
}

int number(const std::ssub_match& match) {
    return match.matched ? std::stoi(match.str()) : 0;
}

std::chrono::year_month_day date_of(const std::smatch& match) {
    using namespace std::chrono;
    return {year(number(match[1])), month(static_cast<unsigned>(number(match[3]))),
            day(static_cast<unsigned>(number(match[4])))};
}

/// `Z`, `-0500`, `+05:30`.
std::chrono::minutes offset_of(const std::string& zone) {
    if (zone == "Z") {
        return {};
    }
    const std::chrono::hours hours(std::stoi(zone.substr(1, 2)));
    const std::chrono::minutes minutes(std::stoi(zone.substr(zone.size() - 2)));
    return zone.front() == '-' ? -(hours + minutes) : hours + minutes;
}

/// `_031502-0500` may be anything: a process, a number. Behind ISO's T it is a zone.
bool is_zone(const std::string& name, const std::smatch& match) {
    const auto zone = match[9].str();
    const bool plain = zone.front() != 'Z' && zone.find(':') == std::string::npos;
    return !plain || name[static_cast<std::size_t>(match.position(5)) - 1] == 'T';
}

bool is_utc(const std::string& zone) {
    return zone == "UTC" || zone == "Etc/UTC" || zone == "Z" || zone == "GMT";
}

void require_zone(const std::string& zone) {
    const bool plain = !zone.empty() && zone.front() != '/' &&
                       zone.find("..") == std::string::npos && zone.find('"') == std::string::npos;
    std::error_code error;
    if (!plain ||
        !std::filesystem::is_regular_file(std::filesystem::path(zone_directory) / zone, error)) {
        throw Error(ErrorCode::usage, fmt::format("cannot find time zone '{}'", zone),
                    "write it as the tz database does, for example Europe/Berlin, or UTC; the "
                    "zones come with the package tzdata");
    }
}

/// What date(1) makes of clocks on the wall there; nothing if one of them shows a time that does
/// not exist.
std::optional<std::vector<system::WallTime>> ask_date(const std::vector<system::WallTime>& clocks,
                                                      const std::string& zone,
                                                      const system::ProcessRunner& processes,
                                                      system::StopToken stop) {
    system::ProcessOptions options;
    options.environment = {{"LC_ALL", "C"}};
    options.keep_output = clocks.size() * 32;
    for (const auto clock : clocks) {
        auto shown = system::format_rfc3339(clock);
        shown.pop_back(); // the Z
        options.input += fmt::format("TZ=\"{}\" {}\n", zone, shown);
    }
    const auto answer = processes.run({"date", "-u", "-f", "-", "+%s"}, options, stop);
    std::vector<system::WallTime> times;
    std::istringstream lines(answer.out);
    for (std::int64_t seconds = 0; lines >> seconds;) {
        times.emplace_back(std::chrono::seconds(seconds));
    }
    if (answer.succeeded() && times.size() == clocks.size()) {
        return times;
    }
    if (answer.signal != 0 || answer.timed_out || answer.exit_status != 1) {
        throw Error(ErrorCode::unreachable, fmt::format("cannot convert times in '{}': date {}",
                                                        zone, answer.how_it_ended()));
    }
    return std::nullopt;
}

/// One after the other, so that a time that does not exist costs none of the others theirs.
std::vector<std::optional<system::WallTime>>
ask_date_for_each(const std::vector<system::WallTime>& clocks, const std::string& zone,
                  const system::ProcessRunner& processes, system::StopToken stop) {
    std::vector<std::optional<system::WallTime>> result;
    for (const auto clock : clocks) {
        auto found = ask_date({clock}, zone, processes, stop);
        if (!found) { // clocks that are put forward leave out an hour
            found = ask_date({clock + std::chrono::hours(1)}, zone, processes, stop);
        }
        result.push_back(found ? std::optional(found->front()) : std::nullopt);
    }
    return result;
}

std::vector<std::optional<system::WallTime>> from_zone(const std::vector<system::WallTime>& clocks,
                                                       const std::string& zone,
                                                       const system::ProcessRunner& processes,
                                                       system::StopToken stop) {
    if (clocks.empty() || is_utc(zone)) {
        return {clocks.begin(), clocks.end()};
    }
    require_zone(zone);
    if (const auto times = ask_date(clocks, zone, processes, stop)) {
        return {times->begin(), times->end()};
    }
    return ask_date_for_each(clocks, zone, processes, stop);
}

} // namespace

std::optional<NameTime> time_in_name(const std::string& name) {
    std::smatch match;
    if (!std::regex_search(name, match, stamp_pattern())) {
        return std::nullopt;
    }
    const auto date = date_of(match);
    if (!date.ok()) {
        return std::nullopt;
    }
    NameTime time;
    time.written = std::chrono::sys_days(date) + std::chrono::hours(number(match[5])) +
                   std::chrono::minutes(number(match[7])) + std::chrono::seconds(number(match[8]));
    time.has_clock = match[5].matched;
    if (match[9].matched && is_zone(name, match)) {
        time.offset = offset_of(match[9].str());
    }
    return time;
}

std::vector<std::optional<system::WallTime>> to_utc(const std::vector<NameTime>& times,
                                                    const std::string& zone,
                                                    const system::ProcessRunner& processes,
                                                    system::StopToken stop) {
    std::vector<system::WallTime> clocks;
    for (const auto& time : times) {
        if (!time.offset) {
            clocks.push_back(time.written);
        }
    }
    const auto converted = from_zone(clocks, zone, processes, stop);
    auto next = converted.begin();
    std::vector<std::optional<system::WallTime>> result;
    for (const auto& time : times) {
        result.push_back(time.offset ? std::optional(time.written - *time.offset) : *next++);
    }
    return result;
}

} // namespace drctl::backup
