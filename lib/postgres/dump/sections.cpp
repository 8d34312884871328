// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/sections.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace drctl::postgres::dump {
namespace {

using Kind = StatementKind;

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

bool ends_with(std::string_view text, std::string_view suffix) {
    return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

/// Stands in any section without beginning one.
bool is_neutral(const Statement& statement) {
    switch (statement.kind) {
    case Kind::set:
    case Kind::transaction:
    case Kind::restrict_command:
    case Kind::connect:
    case Kind::database_level:
    case Kind::statistics:
    case Kind::create_role:
    case Kind::alter_role:
    case Kind::grant_role:
    case Kind::tablespace:
        return true;
    case Kind::large_object: // created before the data, filled in it
        return statement.verb == "SELECT lo_create";
    default:
        return false;
    }
}

bool is_data(const Statement& statement) {
    return statement.kind == Kind::setval || statement.kind == Kind::insert ||
           statement.kind == Kind::large_object;
}

/// Belongs to data where it stands among data.
bool accompanies_data(const Statement& statement) {
    return ends_with(statement.verb, "LARGE OBJECT") ||
           (statement.verb == "ALTER TABLE" && ends_with(statement.text, "TRIGGER ALL;"));
}

/// What pg_dump writes into no section but the last.
bool is_post_data(const Statement& statement) {
    constexpr std::array<Kind, 7> kinds = {
        Kind::create_index,  Kind::index_constraint, Kind::foreign_key,    Kind::attach_index,
        Kind::event_trigger, Kind::subscription,     Kind::refresh_matview};
    constexpr std::array<std::string_view, 6> verbs = {
        "CREATE TRIGGER", "CREATE CONSTRAINT TRIGGER", "CREATE RULE",
        "CREATE POLICY",  "CREATE PUBLICATION",        "CREATE STATISTICS"};
    return std::find(kinds.begin(), kinds.end(), statement.kind) != kinds.end() ||
           std::find(verbs.begin(), verbs.end(), statement.verb) != verbs.end();
}

} // namespace

Section Sections::enter(const Statement& statement) {
    if (is_neutral(statement)) {
        return section_;
    }
    if (is_data(statement)) {
        return enter_copy();
    }
    if (!created_ &&
        (statement.kind == Kind::drop ||
         (section_ == Section::clean && starts_with(statement.text, "CREATE OR REPLACE VIEW")))) {
        return section_ = Section::clean;
    }
    created_ = true;
    if (is_post_data(statement)) {
        section_ = Section::post_data;
    } else if (section_ == Section::clean) {
        section_ = Section::pre_data;
    } else if (section_ == Section::data && !accompanies_data(statement)) {
        section_ = Section::post_data;
    }
    return section_;
}

Section Sections::enter_copy() {
    created_ = true;
    return section_ = Section::data;
}

} // namespace drctl::postgres::dump
