// SPDX-License-Identifier: Apache-2.0
#include "config/toml_text.hpp"

#include "drctl/error.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>
#include <toml++/toml.h>

namespace drctl::config {
namespace {

/// How an origin is made of a place in the text.
struct Source {
    Origin::Kind kind;
    std::string name;
    [[nodiscard]] Origin at(const toml::source_position& position) const {
        if (kind != Origin::Kind::file) {
            return {kind, name, 0, 0};
        }
        return {kind, name, position.line, position.column};
    }
};

template <typename T>
DateTime date_of(const T& value) {
    std::ostringstream text;
    text << value;
    return {text.str()};
}

Table table_of(const toml::table& table, const Source& source);

Value value_of(const toml::node& node, const Source& source) {
    Value result;
    result.origin = source.at(node.source().begin);
    if (const auto* table = node.as_table()) {
        result.data = table_of(*table, source);
    } else if (const auto* array = node.as_array()) {
        Array elements;
        for (const auto& element : *array) {
            elements.push_back(value_of(element, source));
        }
        result.data = std::move(elements);
    } else if (const auto* text = node.as_string()) {
        result.data = text->get();
    } else if (const auto* integer = node.as_integer()) {
        result.data = integer->get();
    } else if (const auto* number = node.as_floating_point()) {
        result.data = number->get();
    } else if (const auto* truth = node.as_boolean()) {
        result.data = truth->get();
    } else if (const auto* date = node.as_date()) {
        result.data = date_of(date->get());
    } else if (const auto* time = node.as_time()) {
        result.data = date_of(time->get());
    } else if (const auto* both = node.as_date_time()) {
        result.data = date_of(both->get());
    }
    return result;
}

Table table_of(const toml::table& table, const Source& source) {
    Table result;
    for (const auto& [key, node] : table) {
        result.put(std::string(key.str()), source.at(key.source().begin), value_of(node, source));
    }
    return result;
}

std::size_t characters_in(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

} // namespace

Table parse_toml(std::string_view text, const std::string& name) {
    try {
        return table_of(toml::parse(text, name), {Origin::Kind::file, name});
    } catch (const toml::parse_error& error) {
        const auto& at = error.source().begin;
        throw Error(ErrorCode::usage,
                    fmt::format("cannot read the configuration: {}:{}:{}: {}", name, at.line,
                                at.column, error.description()),
                    "correct that line, then run 'drctl config check'");
    }
}

KeyPath parse_key(std::string_view text) {
    const auto wrong = [&] {
        return Error(ErrorCode::usage, fmt::format("cannot use the key {}", in_quotes(text)),
                     "write it as the file does, with dots between its parts, for example "
                     "database.shop.jobs or database.\"my shop\".jobs");
    };
    const auto line = fmt::format("{} = 0", text);
    try {
        const auto root = toml::parse(line);
        KeyPath path;
        const toml::node* node = &root;
        while (const auto* table = node->as_table()) {
            if (table->size() != 1) {
                throw wrong();
            }
            path.emplace_back(table->cbegin()->first.str());
            node = &table->cbegin()->second;
        }
        // Our zero is the value only if nothing in the text ended the key before it.
        const auto& end = node->source().end;
        if (end.line != 1 || end.column != characters_in(line) + 1) {
            throw wrong();
        }
        return path;
    } catch (const toml::parse_error&) {
        throw wrong();
    }
}

Value parse_value(std::string_view text, const Origin& origin) {
    try {
        const auto root = toml::parse(fmt::format("value = {}", text));
        if (root.size() == 1 && root.contains("value")) {
            return value_of(root.cbegin()->second, {origin.kind, origin.name});
        }
    } catch (const toml::parse_error&) {
        // Not TOML: most words are not. They are meant as they stand.
    }
    return {std::string(text), origin};
}

} // namespace drctl::config
