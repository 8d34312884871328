// SPDX-License-Identifier: Apache-2.0
#include "config/binding.hpp"

#include "drctl/error.hpp"

#include <array>
#include <fmt/format.h>

namespace drctl::config {
namespace {

template <typename Enum, std::size_t Count>
using Names = std::array<std::pair<std::string_view, Enum>, Count>;

constexpr Names<Service::Manager, 2> manager_names{
    {{"systemd", Service::Manager::systemd}, {"command", Service::Manager::command}}};
constexpr Names<StopAt, 2> stop_at_names{{{"restore", StopAt::restore}, {"swap", StopAt::swap}}};
constexpr Names<Unattended, 2> unattended_names{
    {{"start", Unattended::start}, {"restore", Unattended::restore}}};
constexpr Names<SecretSource::Kind, 3> secret_names{
    {{"file", SecretSource::Kind::file},
     {"env", SecretSource::Kind::env},
     {"credential", SecretSource::Kind::credential}}};

[[noreturn]] void not_validated(const Value& value) {
    throw Error(ErrorCode::bug, fmt::format("cannot decode the value at {}: it was not validated",
                                            value.origin.text()));
}

const std::string& text_of(const Value& value) {
    const auto* text = value.string();
    if (text == nullptr) {
        not_validated(value);
    }
    return *text;
}

template <typename Enum, std::size_t Count>
Enum named(const Names<Enum, Count>& names, const Value& value) {
    for (const auto& [name, member] : names) {
        if (name == text_of(value)) {
            return member;
        }
    }
    not_validated(value);
}

template <typename Enum, std::size_t Count>
std::optional<Value> name_of(const Names<Enum, Count>& names, Enum wanted) {
    for (const auto& [name, member] : names) {
        if (member == wanted) {
            return Value{std::string(name), {}};
        }
    }
    return std::nullopt;
}

template <typename Enum, std::size_t Count>
std::vector<std::string_view> all_names(const Names<Enum, Count>& names) {
    std::vector<std::string_view> result;
    for (const auto& row : names) {
        result.push_back(row.first);
    }
    return result;
}

/// As a person would write it: the largest unit of which it is a whole number, but `60s` and
/// `24h` rather than `1m` and `1d`.
std::string written(Duration duration) {
    const auto count = duration.count();
    struct Unit {
        std::int64_t milliseconds;
        std::int64_t at_least;
        std::string_view name;
    };
    constexpr std::array<Unit, 4> units{
        {{86'400'000, 2, "d"}, {3'600'000, 2, "h"}, {60'000, 2, "m"}, {1000, 1, "s"}}};
    for (const auto& unit : units) {
        if (count % unit.milliseconds == 0 && count / unit.milliseconds >= unit.at_least) {
            return fmt::format("{}{}", count / unit.milliseconds, unit.name);
        }
    }
    return fmt::format("{}ms", count);
}

} // namespace

void assign(std::string& member, const Value& value) {
    // Where a string, a number or a boolean may stand (`equals`), its text counts.
    member = value.string() != nullptr ? *value.string() : to_toml(value);
}

void assign(fs::path& member, const Value& value) {
    member = text_of(value);
}

void assign(Duration& member, const Value& value) {
    const auto parsed = system::parse_duration(text_of(value));
    if (!parsed) {
        not_validated(value);
    }
    member = *parsed;
}

void assign(LossLimit& member, const Value& value) {
    if (const auto duration = system::parse_duration(text_of(value))) {
        member = *duration;
    } else if (const auto size = system::parse_size(text_of(value))) {
        member = *size;
    } else {
        not_validated(value);
    }
}

void assign(std::int64_t& member, const Value& value) {
    if (value.integer() == nullptr) {
        not_validated(value);
    }
    member = *value.integer();
}

void assign(unsigned& member, const Value& value) {
    std::int64_t number = 0;
    assign(number, value);
    member = static_cast<unsigned>(number);
}

void assign(std::vector<std::string>& member, const Value& value) {
    if (value.array() == nullptr) {
        not_validated(value);
    }
    member.clear();
    for (const auto& element : *value.array()) {
        member.push_back(text_of(element));
    }
}

void assign(std::vector<Argv>& member, const Value& value) {
    if (value.array() == nullptr) {
        not_validated(value);
    }
    member.clear();
    for (const auto& element : *value.array()) {
        assign(member.emplace_back(), element);
    }
}

void assign(SecretSource& member, const Value& value) {
    if (value.table() == nullptr || value.table()->empty()) {
        not_validated(value);
    }
    const auto& entry = value.table()->entries().front();
    if (entry.key == "command") {
        member.kind = SecretSource::Kind::command;
        assign(member.command, entry.value);
        return;
    }
    member.kind = named(secret_names, Value{entry.key, entry.key_origin});
    member.name = text_of(entry.value);
}

void assign(Service::Manager& member, const Value& value) {
    member = named(manager_names, value);
}

void assign(StopAt& member, const Value& value) {
    member = named(stop_at_names, value);
}

void assign(Unattended& member, const Value& value) {
    member = named(unattended_names, value);
}

std::optional<Value> default_from(const std::string& member) {
    return member.empty() ? std::nullopt : std::optional(Value{member, {}});
}

std::optional<Value> default_from(const fs::path& member) {
    return default_from(member.string());
}

std::optional<Value> default_from(Duration member) {
    return Value{written(member), {}};
}

std::optional<Value> default_from(std::int64_t member) {
    return Value{member, {}};
}

std::optional<Value> default_from(unsigned member) {
    return default_from(std::int64_t{member});
}

std::optional<Value> default_from(Service::Manager member) {
    return name_of(manager_names, member);
}

std::optional<Value> default_from(StopAt member) {
    return name_of(stop_at_names, member);
}

std::optional<Value> default_from(Unattended member) {
    return name_of(unattended_names, member);
}

template <>
std::vector<std::string_view> names_of<Service::Manager>() {
    return all_names(manager_names);
}

template <>
std::vector<std::string_view> names_of<StopAt>() {
    return all_names(stop_at_names);
}

template <>
std::vector<std::string_view> names_of<Unattended>() {
    return all_names(unattended_names);
}

} // namespace drctl::config
