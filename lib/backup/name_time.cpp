// SPDX-License-Identifier: Apache-2.0
#include "backup/name_time.hpp"

#include "drctl/error.hpp"

#include <chrono>
#include <filesystem>
#include <fmt/core.h>
#include <regex>
#include <sstream>

namespace drctl::backup {
namespace {

constexpr const char* zone_directory = "/usr/share/zoneinfo";

/// One date, and what may be a time after it. No digit may touch it on either side, or
/// `dump_1234567890.sql` would have one.
const std::regex& stamp_pattern() {
    static const std::regex pattern(
        R"((?:^|[^0-9])(20[0-9]{2})([-_.]?)([0-9]{2})\2([0-9]{2}))"
        R"((?:[-_.T ]?([01][0-9]|2[0-3])[-_.:]?([0-5][0-9])(?:[-_.:]?([0-5][0-9]))?(Z)?)?(?![0-9]))");
    return pattern;
}

int number(const std::ssub_match& match) {
    return match.matched ? std::stoi(match.str()) : 0;
}

bool exists(const NameTime& time) {
    using namespace std::chrono;
    return year_month_day(year(time.year), month(static_cast<unsigned>(time.month)),
                          day(static_cast<unsigned>(time.day)))
        .ok();
}

system::WallTime as_utc(const NameTime& time) {
    using namespace std::chrono;
    const sys_days date(year_month_day(year(time.year), month(static_cast<unsigned>(time.month)),
                                       day(static_cast<unsigned>(time.day))));
    return date + hours(time.hour) + minutes(time.minute) + seconds(time.second);
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

std::string line_for_date(const NameTime& time, const std::string& zone) {
    return fmt::format("TZ=\"{}\" {:04}-{:02}-{:02} {:02}:{:02}:{:02}\n", zone, time.year,
                       time.month, time.day, time.hour, time.minute, time.second);
}

} // namespace

std::optional<NameTime> time_in_name(const std::string& name) {
    std::smatch match;
    if (!std::regex_search(name, match, stamp_pattern())) {
        return std::nullopt;
    }
    const NameTime time{number(match[1]), number(match[3]), number(match[4]), number(match[5]),
                        number(match[6]), number(match[7]), match[5].matched, match[8].matched};
    return exists(time) ? std::optional(time) : std::nullopt;
}

std::vector<system::WallTime> to_utc(const std::vector<NameTime>& times, const std::string& zone,
                                     const system::ProcessRunner& processes,
                                     system::StopToken stop) {
    std::vector<system::WallTime> result;
    if (times.empty() || is_utc(zone)) {
        for (const auto& time : times) {
            result.push_back(as_utc(time));
        }
        return result;
    }
    require_zone(zone);
    system::ProcessOptions options;
    options.environment = {{"LC_ALL", "C"}};
    options.keep_output = times.size() * 32;
    for (const auto& time : times) {
        options.input += line_for_date(time, time.utc ? "UTC" : zone);
    }
    const auto answer = processes.run({"date", "-u", "-f", "-", "+%s"}, options, stop);
    std::istringstream lines(answer.out);
    for (std::int64_t seconds = 0; lines >> seconds;) {
        result.emplace_back(std::chrono::seconds(seconds));
    }
    if (!answer.succeeded() || result.size() != times.size()) {
        throw Error(ErrorCode::unreachable, fmt::format("cannot convert times in '{}': date {}",
                                                        zone, answer.how_it_ended()));
    }
    return result;
}

} // namespace drctl::backup
