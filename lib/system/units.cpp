// SPDX-License-Identifier: Apache-2.0
#include "system/units.hpp"

#include <array>
#include <charconv>
#include <fmt/chrono.h>
#include <fmt/core.h>
#include <limits>

namespace drctl::system {
namespace {

struct Number {
    std::uint64_t value;
    std::string_view unit;
};

/// Splits `26h` into 26 and `h`; nothing where no number stands in front.
std::optional<Number> split(std::string_view text) noexcept {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number.value);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    number.unit = text.substr(static_cast<std::size_t>(end - text.data()));
    return number;
}

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr std::array duration_units{
    Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"m", 60'000}, Unit{"h", 3'600'000}, Unit{"d", 86'400'000},
};

constexpr std::array size_units{
    Unit{"", 1},
    Unit{"B", 1},
    Unit{"KiB", std::uint64_t{1} << 10},
    Unit{"MiB", std::uint64_t{1} << 20},
    Unit{"GiB", std::uint64_t{1} << 30},
    Unit{"TiB", std::uint64_t{1} << 40},
    Unit{"kB", 1'000},
    Unit{"MB", 1'000'000},
    Unit{"GB", 1'000'000'000},
    Unit{"TB", 1'000'000'000'000},
};

template <std::size_t N>
std::optional<std::uint64_t> parse(std::string_view text, const std::array<Unit, N>& units,
                                   std::uint64_t most) noexcept {
    const auto number = split(text);
    if (!number) {
        return std::nullopt;
    }
    for (const auto& unit : units) {
        if (unit.name == number->unit) {
            if (number->value > most / unit.factor) {
                return std::nullopt;
            }
            return number->value * unit.factor;
        }
    }
    return std::nullopt;
}

/// Takes exactly `digits` decimal digits from the front.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) noexcept {
    if (text.size() < digits) {
        return std::nullopt;
    }
    int value = 0;
    for (const char digit : text.substr(0, digits)) {
        if (digit < '0' || digit > '9') {
            return std::nullopt;
        }
        value = value * 10 + (digit - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take_one_of(std::string_view& text, std::string_view characters) noexcept {
    if (text.empty() || characters.find(text.front()) == std::string_view::npos) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) noexcept {
    const auto year = take_digits(text, 4);
    if (!year || !take_one_of(text, "-")) {
        return std::nullopt;
    }
    const auto month = take_digits(text, 2);
    if (!month || !take_one_of(text, "-")) {
        return std::nullopt;
    }
    const auto day = take_digits(text, 2);
    if (!day) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    // system_clock counts nanoseconds in 64 bits: 1677 to 2262.
    if (!date.ok() || *year < 1678 || *year > 2261) {
        return std::nullopt;
    }
    return std::chrono::sys_days(date);
}

std::optional<std::chrono::minutes> take_hours_and_minutes(std::string_view& text) noexcept {
    const auto hour = take_digits(text, 2);
    if (!hour || *hour > 23 || !take_one_of(text, ":")) {
        return std::nullopt;
    }
    const auto minute = take_digits(text, 2);
    if (!minute || *minute > 59) {
        return std::nullopt;
    }
    return std::chrono::hours(*hour) + std::chrono::minutes(*minute);
}

/// Seconds and their fraction; digits beyond nanoseconds are dropped. 60 is a leap second.
std::optional<std::chrono::nanoseconds> take_seconds(std::string_view& text) noexcept {
    const auto second = take_digits(text, 2);
    if (!second || *second > 60) {
        return std::nullopt;
    }
    std::chrono::nanoseconds value = std::chrono::seconds(*second);
    if (!take_one_of(text, ".")) {
        return value;
    }
    auto digit = take_digits(text, 1);
    if (!digit) {
        return std::nullopt;
    }
    for (std::int64_t weight = 100'000'000; digit; digit = take_digits(text, 1), weight /= 10) {
        value += std::chrono::nanoseconds(*digit * weight);
    }
    return value;
}

std::optional<std::chrono::minutes> take_offset(std::string_view& text) noexcept {
    if (take_one_of(text, "Zz")) {
        return std::chrono::minutes(0);
    }
    const bool west = text.starts_with('-');
    if (!take_one_of(text, "+-")) {
        return std::nullopt;
    }
    const auto offset = take_hours_and_minutes(text);
    if (!offset) {
        return std::nullopt;
    }
    return west ? -*offset : *offset;
}

} // namespace

std::optional<Duration> parse_duration(std::string_view text) noexcept {
    const auto milliseconds =
        parse(text, duration_units, static_cast<std::uint64_t>(longest_duration.count()));
    if (!milliseconds) {
        return std::nullopt;
    }
    return Duration(static_cast<Duration::rep>(*milliseconds));
}

std::optional<ByteSize> parse_size(std::string_view text) noexcept {
    const auto bytes = parse(text, size_units, std::numeric_limits<std::uint64_t>::max());
    if (!bytes) {
        return std::nullopt;
    }
    return ByteSize{*bytes};
}

std::optional<WallTime> parse_rfc3339(std::string_view text) noexcept {
    const auto date = take_date(text);
    if (!date || !take_one_of(text, "Tt ")) {
        return std::nullopt;
    }
    const auto time = take_hours_and_minutes(text);
    if (!time || !take_one_of(text, ":")) {
        return std::nullopt;
    }
    const auto seconds = take_seconds(text);
    const auto offset = seconds ? take_offset(text) : std::nullopt;
    if (!offset || !text.empty()) {
        return std::nullopt;
    }
    return WallTime(*date) + *time - *offset +
           std::chrono::duration_cast<WallTime::duration>(*seconds);
}

std::string format_duration(std::chrono::milliseconds duration) {
    const std::string_view sign = duration.count() < 0 ? "-" : "";
    // Unsigned, because the smallest value has no positive counterpart.
    const auto count = static_cast<std::uint64_t>(duration.count());
    const std::uint64_t ms = sign.empty() ? count : 0 - count;
    if (ms < 1'000) {
        return fmt::format("{}{}ms", sign, ms);
    }
    if (ms < 60'000) {
        const auto tenths = ms / 100;
        return tenths % 10 == 0 ? fmt::format("{}{}s", sign, tenths / 10)
                                : fmt::format("{}{}.{}s", sign, tenths / 10, tenths % 10);
    }
    const auto two = [sign](std::uint64_t larger, char large, std::uint64_t smaller, char small) {
        return smaller == 0 ? fmt::format("{}{}{}", sign, larger, large)
                            : fmt::format("{}{}{} {}{}", sign, larger, large, smaller, small);
    };
    const auto seconds = ms / 1'000;
    if (seconds < 3'600) {
        return two(seconds / 60, 'm', seconds % 60, 's');
    }
    if (seconds < 86'400) {
        return two(seconds / 3'600, 'h', seconds % 3'600 / 60, 'm');
    }
    return two(seconds / 86'400, 'd', seconds % 86'400 / 3'600, 'h');
}

std::string format_size(ByteSize size) {
    constexpr std::array names{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    auto value = static_cast<double>(size.bytes);
    std::size_t unit = 0;
    // 1023.5 of one unit would be printed as 1024 of it.
    while (value >= 1023.5 && unit + 1 < names.size()) {
        value /= 1024;
        ++unit;
    }
    return unit > 0 && value < 9.95 ? fmt::format("{:.1f} {}", value, names[unit])
                                    : fmt::format("{:.0f} {}", value, names[unit]);
}

std::string format_rfc3339(WallTime time) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", std::chrono::floor<std::chrono::seconds>(time));
}

std::string format_compact(WallTime time) {
    return fmt::format("{:%Y%m%dT%H%M%SZ}", std::chrono::floor<std::chrono::seconds>(time));
}

} // namespace drctl::system
