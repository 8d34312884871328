// SPDX-License-Identifier: Apache-2.0
#include "config/value.hpp"

#include "drctl/error.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace drctl::config {
namespace {

bool is_bare_key(std::string_view key) {
    constexpr std::string_view allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    return !key.empty() && key.find_first_not_of(allowed) == std::string_view::npos;
}

/// A basic string of TOML. Its escapes are those of JSON, but for DEL, which JSON leaves bare.
std::string toml_string(std::string_view text) {
    std::string result = nlohmann::json(text).dump();
    for (auto at = result.find('\x7f'); at != std::string::npos; at = result.find('\x7f', at)) {
        result.replace(at, 1, "\\u007F");
    }
    return result;
}

std::string toml_float(double number) {
    if (std::isnan(number)) {
        return "nan";
    }
    if (std::isinf(number)) {
        return number < 0 ? "-inf" : "inf";
    }
    auto text = fmt::format("{}", number);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

nlohmann::json json_of(const Value& value);

struct JsonOf {
    nlohmann::json operator()(const DateTime& date) const { return date.text; }
    nlohmann::json operator()(const Array& array) const {
        auto result = nlohmann::json::array();
        for (const auto& element : array) {
            result.push_back(json_of(element));
        }
        return result;
    }
    nlohmann::json operator()(const Table& table) const {
        auto result = nlohmann::json::object();
        for (const auto& entry : table.entries()) {
            result[entry.key] = json_of(entry.value);
        }
        return result;
    }
    nlohmann::json operator()(double number) const {
        // JSON has no such numbers; their TOML spelling still tells two of them apart.
        return std::isfinite(number) ? nlohmann::json(number) : nlohmann::json(toml_float(number));
    }
    nlohmann::json operator()(const auto& scalar) const { return scalar; }
};

nlohmann::json json_of(const Value& value) {
    return std::visit(JsonOf{}, value.data);
}

Value value_of(const nlohmann::json& json, const Origin& origin) {
    Value result;
    result.origin = origin;
    switch (json.type()) {
    case nlohmann::json::value_t::string:
        result.data = json.get<std::string>();
        break;
    case nlohmann::json::value_t::boolean:
        result.data = json.get<bool>();
        break;
    case nlohmann::json::value_t::number_integer:
    case nlohmann::json::value_t::number_unsigned:
        result.data = json.get<std::int64_t>();
        break;
    case nlohmann::json::value_t::number_float:
        result.data = json.get<double>();
        break;
    case nlohmann::json::value_t::array: {
        Array array;
        for (const auto& element : json) {
            array.push_back(value_of(element, origin));
        }
        result.data = std::move(array);
        break;
    }
    case nlohmann::json::value_t::object: {
        Table table;
        for (const auto& [key, element] : json.items()) {
            table.put(key, origin, value_of(element, origin));
        }
        result.data = std::move(table);
        break;
    }
    default:
        throw Error(ErrorCode::damaged,
                    fmt::format("cannot read a value of {}: it is {}", origin.text(), json.dump()));
    }
    return result;
}

// compare(): Clang 14 does not find the operator between a string and a view in a template.
auto lower_bound(auto& entries, std::string_view key) {
    return std::lower_bound(
        entries.begin(), entries.end(), key,
        [](const Entry& entry, std::string_view wanted) { return entry.key.compare(wanted) < 0; });
}

} // namespace

std::string Origin::text() const {
    switch (kind) {
    case Kind::file:
        return line == 0 ? name : fmt::format("{}:{}:{}", name, line, column);
    case Kind::flag:
        return "--set " + name;
    case Kind::recorded:
        return name;
    case Kind::built_in:
        break;
    }
    return "the default";
}

const Entry* Table::find_entry(std::string_view key) const {
    const auto at = lower_bound(entries_, key);
    return at != entries_.end() && at->key == key ? &*at : nullptr;
}

const Value* Table::find(std::string_view key) const {
    const auto* entry = find_entry(key);
    return entry == nullptr ? nullptr : &entry->value;
}

Value* Table::find(std::string_view key) {
    const auto at = lower_bound(entries_, key);
    return at != entries_.end() && at->key == key ? &at->value : nullptr;
}

Value& Table::put(std::string key, Origin key_origin, Value value) {
    auto at = lower_bound(entries_, key);
    if (at != entries_.end() && at->key == key) {
        at->key_origin = std::move(key_origin);
        at->value = std::move(value);
    } else {
        at = entries_.insert(at, Entry{std::move(key), std::move(key_origin), std::move(value)});
    }
    return at->value;
}

bool Table::empty() const noexcept {
    return entries_.empty();
}

std::string_view Value::kind() const {
    constexpr std::array<std::string_view, 7> names{
        "a string", "a whole number", "a decimal number", "true or false",
        "a date",   "an array",       "a table"};
    return names.at(data.index());
}

std::string path_text(const KeyPath& path) {
    std::string result;
    for (const auto& key : path) {
        if (!result.empty()) {
            result += '.';
        }
        result += is_bare_key(key) ? key : toml_string(key);
    }
    return result;
}

std::string to_toml(const Value& value) {
    struct Visitor {
        std::string operator()(const std::string& text) const { return toml_string(text); }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const { return toml_float(number); }
        std::string operator()(bool truth) const { return truth ? "true" : "false"; }
        std::string operator()(const DateTime& date) const { return date.text; }
        std::string operator()(const Array& array) const {
            std::string result;
            for (const auto& element : array) {
                result += (result.empty() ? "" : ", ") + to_toml(element);
            }
            return "[" + result + "]";
        }
        std::string operator()(const Table& table) const {
            std::string result;
            for (const auto& entry : table.entries()) {
                result += (result.empty() ? " " : ", ") + path_text({entry.key}) + " = " +
                          to_toml(entry.value);
            }
            return result.empty() ? "{}" : "{" + result + " }";
        }
    };
    return std::visit(Visitor{}, value.data);
}

std::string to_json(const Value& value) {
    return json_of(value).dump();
}

Value from_json(std::string_view json, const Origin& origin) {
    try {
        return value_of(nlohmann::json::parse(json), origin);
    } catch (const nlohmann::json::exception&) {
        throw Error(ErrorCode::damaged,
                    fmt::format("cannot read a value of {}: it is not JSON", origin.text()));
    }
}

bool is_utf8(std::string_view text) {
    try {
        static_cast<void>(nlohmann::json(text).dump());
        return true;
    } catch (const nlohmann::json::type_error&) {
        return false;
    }
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t longest = 60;
    auto length = std::min(longest, text.size());
    // Not in the middle of a character: continuation bytes of UTF-8 are 10xxxxxx.
    while (length < text.size() && length > 0 && (text[length] & 0xC0) == 0x80) {
        --length;
    }
    const auto cut = text.substr(0, length);
    const auto shown =
        nlohmann::json(cut).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return cut.size() < text.size() ? shown + "…" : shown;
}

} // namespace drctl::config
