// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/outline.hpp"

#include "postgres/dump/cursor.hpp"
#include "postgres/dump/early.hpp"
#include "postgres/dump/name.hpp"
#include "postgres/dump/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace drctl::postgres::dump {
namespace {

using Kind = StatementKind;

bool makes_relation(std::string_view verb) {
    constexpr std::array<std::string_view, 5> verbs{"CREATE TABLE", "CREATE FOREIGN TABLE",
                                                    "CREATE VIEW", "CREATE MATERIALIZED VIEW",
                                                    "CREATE SEQUENCE"};
    return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

/// `SELECT pg_catalog.setval('public.s', 5, true);`
SequenceValue sequence_value(const Statement& statement, const Syntax& syntax) {
    SequenceValue result;
    result.sequence = statement.object;
    Cursor cursor(statement.text, syntax);
    while (!cursor.done() && !cursor.accept_symbol(',')) {
        cursor.step();
    }
    const bool negative = cursor.accept_symbol('-');
    // The sign is read with the digits, because the least value has no positive counterpart.
    const std::string digits = (negative ? "-" : "") + std::string(cursor.text());
    std::from_chars(digits.data(), digits.data() + digits.size(), result.value);
    cursor.step();
    cursor.accept_symbol(',');
    result.is_called = !cursor.at("false");
    return result;
}

} // namespace

struct OutlineBuilder::State {
    void add(const Statement& statement);
    void add_relation(const std::string& written);
    void add_early(const Statement& statement);

    Outline outline;
    RequirementsCollector needs;
    Session session;
    bool qualified = false; ///< search_path is empty: all names but pg_catalog's are qualified
    std::unordered_map<std::string, std::uint64_t> last_copy; ///< ordinal, by table
};

void OutlineBuilder::State::add(const Statement& statement) {
    ++outline.statements[statement.kind];
    needs.add(statement, session.syntax());
    switch (statement.kind) {
    case Kind::set:
        outline.settings.push_back({statement.ordinal, statement.object, statement.text});
        if (statement.object == "search_path") {
            qualified = value_of_setting(statement, session.syntax()) == "";
        }
        session.apply(statement);
        break;
    case Kind::setval:
        outline.sequences.push_back(sequence_value(statement, session.syntax()));
        break;
    case Kind::create_index:
    case Kind::index_constraint:
        add_early(statement);
        break;
    case Kind::insert:
    case Kind::large_object:
        outline.has_data = true;
        break;
    case Kind::database_level:
        outline.creates_database = outline.creates_database || statement.verb == "CREATE DATABASE";
        break;
    default:
        break;
    }
    // An identity's sequence is only seen where its value is set.
    if (makes_relation(statement.verb) || statement.kind == Kind::setval) {
        add_relation(statement.object);
    }
    // Nothing else that pg_dump writes ends so.
    if (statement.verb.starts_with("ALTER ") && statement.text.ends_with(" NOT VALID;")) {
        ++outline.not_valid;
    }
    outline.cleans = outline.cleans || statement.section == Section::clean;
    outline.has_schema = outline.has_schema || statement.verb.rfind("CREATE ", 0) == 0;
    outline.has_tables = outline.has_tables || statement.verb == "CREATE TABLE";
}

void OutlineBuilder::State::add_relation(const std::string& written) {
    if (const auto parsed = parse_name(written)) {
        outline.relations.insert(parsed->schema.empty() ? parsed->name
                                                        : parsed->schema + "." + parsed->name);
    }
}

void OutlineBuilder::State::add_early(const Statement& statement) {
    const std::string& table = statement.tables.empty() ? "" : statement.tables.front();
    const auto copy = last_copy.find(table);
    // Without rows of its own (also: those of a partition that were loaded through its root)
    // there is nothing to be early for.
    if (copy == last_copy.end() || !qualified ||
        !needs_only_its_table(statement, session.syntax())) {
        return;
    }
    outline.early.push_back({statement.ordinal, copy->second, statement.line, statement.kind,
                             statement.verb, statement.object, table, statement.text});
}

OutlineBuilder::OutlineBuilder() : state_(std::make_unique<State>()) {}
OutlineBuilder::OutlineBuilder(OutlineBuilder&&) noexcept = default;
OutlineBuilder& OutlineBuilder::operator=(OutlineBuilder&&) noexcept = default;
OutlineBuilder::~OutlineBuilder() = default;

void OutlineBuilder::add(const Event& event) {
    Outline& outline = state_->outline;
    if (const auto* statement = std::get_if<Statement>(&event)) {
        state_->add(*statement);
    } else if (const auto* begin = std::get_if<CopyBegin>(&event)) {
        outline.copies.push_back({begin->table, begin->columns, begin->ordinal, begin->line, 0, 0});
        outline.has_data = true;
        state_->last_copy[begin->table] = begin->ordinal;
    } else if (const auto* copied = std::get_if<CopyEnd>(&event)) {
        outline.copies.back().rows = copied->rows;
        outline.copies.back().bytes = copied->bytes;
        outline.rows += copied->rows;
        outline.copy_bytes += copied->bytes;
    } else if (const auto* end = std::get_if<EndOfDump>(&event)) {
        outline.complete = end->complete;
        outline.lines = end->lines;
        outline.bytes = end->bytes;
    }
}

Outline OutlineBuilder::finish(const Reader& reader) {
    Outline outline = std::move(state_->outline);
    outline.header = reader.header();
    outline.encoding = reader.encoding();
    outline.database = reader.database();
    outline.needs = std::move(state_->needs).finish();
    return outline;
}

bool Outline::may_have_relation(std::string_view name) const {
    const bool ascii = std::all_of(name.begin(), name.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    const bool same_encoding = encoding.empty() || encoding == "UTF8";
    const bool all_its_own = needs.extensions.size() == needs.extensions.count("plpgsql");
    if (!detailed || !all_its_own || !(ascii || same_encoding)) {
        return true;
    }
    const auto is_tail = [](std::string_view whole, std::string_view tail) {
        return whole == tail || (whole.ends_with(tail) && whole.size() > tail.size() &&
                                 whole[whole.size() - tail.size() - 1] == '.');
    };
    return std::any_of(relations.begin(), relations.end(), [&](const std::string& relation) {
        return is_tail(relation, name) || is_tail(name, relation);
    });
}

int Outline::server_major() const noexcept {
    return major_version(header.server_version);
}

Outline outline_of(system::ByteSource& source, ReaderOptions options) {
    Reader reader(source, options);
    OutlineBuilder builder;
    for (;;) {
        Event event = reader.next();
        builder.add(event);
        if (std::holds_alternative<EndOfDump>(event)) {
            return builder.finish(reader);
        }
        if (auto* rows = std::get_if<CopyRows>(&event)) {
            reader.recycle(std::move(rows->buffer));
        }
    }
}

} // namespace drctl::postgres::dump
