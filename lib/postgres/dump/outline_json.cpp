// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/outline.hpp"

#include "config/value.hpp"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace drctl::postgres::dump {
namespace {

using nlohmann::json;

constexpr int outline_version = 3;
constexpr std::string_view hex_digits = "0123456789abcdef";

/// JSON is UTF-8, a dump need not be: what is not is kept as `{"hex": "…"}`.
json from_text(const std::string& text) {
    if (config::is_utf8(text)) {
        return text;
    }
    std::string hex;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        hex += hex_digits[byte >> 4U];
        hex += hex_digits[byte & 15U];
    }
    return {{"hex", hex}};
}

std::string to_text(const json& value) {
    if (value.is_string()) {
        return value.get<std::string>();
    }
    const auto& hex = value.at("hex").get_ref<const std::string&>();
    std::string text;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        unsigned byte = 0;
        std::from_chars(&hex[i], &hex[i] + 2, byte, 16);
        text += static_cast<char>(byte);
    }
    return text;
}

template <class Texts>
json from_texts(const Texts& texts) {
    json array = json::array();
    for (const std::string& text : texts) {
        array.push_back(from_text(text));
    }
    return array;
}

template <class Texts>
void to_texts(const json& array, Texts& texts) {
    for (const json& value : array) {
        texts.insert(texts.end(), to_text(value));
    }
}

json from_header(const Header& header) {
    return {{"database_dump", header.database_dump},
            {"cluster_dump", header.cluster_dump},
            {"server_version", from_text(header.server_version)},
            {"pg_dump_version", from_text(header.pg_dump_version)},
            {"started", from_text(header.started)}};
}

Header to_header(const json& object) {
    return {object.at("database_dump"), object.at("cluster_dump"),
            to_text(object.at("server_version")), to_text(object.at("pg_dump_version")),
            to_text(object.at("started"))};
}

/// The sets of Requirements with their names.
template <class Needs, class Visit>
void each_set(Needs& needs, Visit visit) {
    visit("roles", needs.roles);
    visit("extensions", needs.extensions);
    visit("tablespaces", needs.tablespaces);
    visit("collations", needs.collations);
    visit("locales", needs.locales);
    visit("icu_locales", needs.icu_locales);
    visit("languages", needs.languages);
    visit("libraries", needs.libraries);
}

json from_needs(const Requirements& needs) {
    json object{{"database_encoding", from_text(needs.database_encoding)}};
    each_set(needs, [&](const char* name, const auto& set) { object[name] = from_texts(set); });
    return object;
}

Requirements to_needs(const json& object) {
    Requirements needs;
    needs.database_encoding = to_text(object.at("database_encoding"));
    each_set(needs, [&](const char* name, auto& set) { to_texts(object.at(name), set); });
    return needs;
}

constexpr std::array<StatementKind, 2> early_kinds = {StatementKind::create_index,
                                                      StatementKind::index_constraint};

/// What there can be many of; rows of tables, to be short.
json from_details(const Outline& outline) {
    json copies = json::array();
    for (const CopyBlock& copy : outline.copies) {
        copies.push_back({from_text(copy.table), from_texts(copy.columns), copy.ordinal, copy.line,
                          copy.rows, copy.bytes});
    }
    json early = json::array();
    for (const EarlyStatement& statement : outline.early) {
        early.push_back({statement.ordinal, statement.after, statement.line,
                         statement.kind == StatementKind::index_constraint ? 1 : 0,
                         from_text(statement.verb), from_text(statement.object),
                         from_text(statement.table), from_text(statement.text)});
    }
    json settings = json::array();
    for (const Setting& setting : outline.settings) {
        settings.push_back(
            {setting.ordinal, from_text(setting.parameter), from_text(setting.text)});
    }
    json sequences = json::array();
    for (const SequenceValue& value : outline.sequences) {
        sequences.push_back({from_text(value.sequence), value.value, value.is_called});
    }
    return {{"relations", from_texts(outline.relations)},
            {"copies", std::move(copies)},
            {"early", std::move(early)},
            {"settings", std::move(settings)},
            {"sequences", std::move(sequences)}};
}

void to_details(const json& object, Outline& outline) {
    to_texts(object.at("relations"), outline.relations);
    for (const json& row : object.at("copies")) {
        CopyBlock copy{to_text(row.at(0)), {}, row.at(2), row.at(3), row.at(4), row.at(5)};
        to_texts(row.at(1), copy.columns);
        outline.copies.push_back(std::move(copy));
    }
    for (const json& row : object.at("early")) {
        outline.early.push_back({row.at(0), row.at(1), row.at(2),
                                 early_kinds.at(row.at(3).get<std::size_t>()), to_text(row.at(4)),
                                 to_text(row.at(5)), to_text(row.at(6)), to_text(row.at(7))});
    }
    for (const json& row : object.at("settings")) {
        outline.settings.push_back({row.at(0), to_text(row.at(1)), to_text(row.at(2))});
    }
    for (const json& row : object.at("sequences")) {
        outline.sequences.push_back({to_text(row.at(0)), row.at(1), row.at(2)});
    }
}

json from_counts(const std::map<StatementKind, std::uint64_t>& counts) {
    json object = json::object();
    for (const auto& [kind, count] : counts) {
        object[std::string(name_of(kind))] = count;
    }
    return object;
}

std::map<StatementKind, std::uint64_t> to_counts(const json& object) {
    std::map<StatementKind, std::uint64_t> counts;
    for (unsigned i = 0; i <= static_cast<unsigned>(StatementKind::other); ++i) {
        const auto kind = static_cast<StatementKind>(i);
        if (const auto found = object.find(name_of(kind)); found != object.end()) {
            counts[kind] = *found;
        }
    }
    return counts;
}

Outline to_outline(const json& object) {
    Outline outline;
    outline.header = to_header(object.at("header"));
    outline.complete = object.at("complete");
    outline.encoding = to_text(object.at("encoding"));
    if (const auto database = object.find("database"); database != object.end()) {
        outline.database = to_text(*database);
    }
    outline.creates_database = object.at("creates_database");
    outline.cleans = object.at("cleans");
    outline.has_data = object.at("has_data");
    outline.has_schema = object.at("has_schema");
    outline.has_tables = object.at("has_tables");
    outline.statements = to_counts(object.at("statements"));
    outline.not_valid = object.at("not_valid").get<std::uint64_t>();
    outline.needs = to_needs(object.at("needs"));
    outline.rows = object.at("rows");
    outline.copy_bytes = object.at("copy_bytes");
    outline.lines = object.at("lines");
    outline.bytes = object.at("bytes");
    const auto details = object.find("details");
    outline.detailed = details != object.end();
    if (outline.detailed) {
        to_details(*details, outline);
    }
    return outline;
}

} // namespace

std::string to_json(const Outline& outline, std::size_t limit) {
    json object{{"version", outline_version},
                {"header", from_header(outline.header)},
                {"complete", outline.complete},
                {"encoding", from_text(outline.encoding)},
                {"creates_database", outline.creates_database},
                {"cleans", outline.cleans},
                {"has_data", outline.has_data},
                {"has_schema", outline.has_schema},
                {"has_tables", outline.has_tables},
                {"statements", from_counts(outline.statements)},
                {"not_valid", outline.not_valid},
                {"needs", from_needs(outline.needs)},
                {"rows", outline.rows},
                {"copy_bytes", outline.copy_bytes},
                {"lines", outline.lines},
                {"bytes", outline.bytes}};
    if (outline.database) {
        object["database"] = from_text(*outline.database);
    }
    if (!outline.detailed) {
        return object.dump();
    }
    std::string brief = object.dump();
    object["details"] = from_details(outline);
    std::string full = object.dump();
    return full.size() <= limit ? std::move(full) : std::move(brief);
}

std::optional<Outline> outline_from_json(std::string_view text) {
    try {
        const json object = json::parse(text);
        if (object.at("version") == outline_version) {
            return to_outline(object);
        }
    } catch (const json::exception&) {
        return std::nullopt; // a cache's content: what cannot be read is made again
    }
    return std::nullopt;
}

} // namespace drctl::postgres::dump
