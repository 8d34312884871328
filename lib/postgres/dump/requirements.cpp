// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/requirements.hpp"

#include "postgres/dump/cursor.hpp"
#include "postgres/dump/name.hpp"
#include "postgres/dump/settings.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

namespace drctl::postgres::dump {
namespace {

using Kind = StatementKind;

bool one_of(std::string_view text, std::initializer_list<std::string_view> values) {
    return std::find(values.begin(), values.end(), text) != values.end();
}

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

/// `alice, "Bob", PUBLIC`: the roles that are next, stepped over.
void take_roles(Cursor& cursor, std::set<std::string>& roles) {
    do {
        cursor.accept("group"); // GRANT … TO GROUP, of old versions
        const bool quoted = cursor.token().kind == Token::Kind::quoted_name;
        const std::string role = unquote_identifier(cursor.name());
        if (!role.empty() &&
            (quoted || !one_of(role, {"public", "current_user", "current_role", "session_user"}))) {
            roles.insert(role);
        }
    } while (cursor.accept_symbol(','));
}

/// Walks over one statement and picks up what follows certain words outside of parentheses.
class Walk {
  public:
    Walk(const Statement& statement, const Syntax& syntax, Requirements& needs)
        : statement_(statement), cursor_(statement.text, syntax), needs_(needs) {}

    void roles();
    void routine();
    void database();
    void collations();
    void locales();

  private:
    void roles_after(std::string_view word) {
        if (cursor_.skip_to(word)) {
            cursor_.step();
            take_roles(cursor_, needs_.roles);
        }
    }

    const Statement& statement_;
    Cursor cursor_;
    Requirements& needs_;
};

void Walk::roles() {
    const std::string_view verb = statement_.verb;
    if (verb == "ALTER DEFAULT PRIVILEGES") {
        roles_after("role");
    }
    if (starts_with(verb, "GRANT") || verb == "ALTER DEFAULT PRIVILEGES") {
        if (statement_.kind == Kind::grant_role) {
            cursor_.step();
            take_roles(cursor_, needs_.roles);
        }
        roles_after("to");
        if (cursor_.skip_to("granted")) {
            roles_after("by");
        }
    } else if (starts_with(verb, "REVOKE")) {
        roles_after("from");
    } else if (verb == "CREATE POLICY") {
        roles_after("to");
    } else if (verb == "CREATE USER MAPPING") {
        roles_after("for");
    } else if (verb == "CREATE SCHEMA") {
        roles_after("authorization");
    } else if (verb == "ALTER ROLE IN DATABASE") {
        roles_after("role");
    } else if (starts_with(verb, "ALTER ") && cursor_.skip_to("owner")) {
        roles_after("to");
    }
}

void Walk::routine() {
    if (!cursor_.skip_to("language")) {
        return;
    }
    cursor_.step();
    const std::string language = cursor_.token().kind == Token::Kind::string
                                     ? lower(*cursor_.literal())
                                     : unquote_identifier(cursor_.name());
    if (!one_of(language, {"internal", "c", "sql", "plpgsql"})) {
        needs_.languages.insert(language);
    }
    if (language == "c" && cursor_.skip_to("as")) {
        cursor_.step();
        if (std::optional<std::string> library = cursor_.literal()) {
            needs_.libraries.insert(std::move(*library));
        }
    }
}

void Walk::database() {
    while (!cursor_.done()) {
        const bool encoding = cursor_.at("encoding");
        const bool tablespace = cursor_.at("tablespace");
        cursor_.step();
        if (!(encoding || tablespace) || !cursor_.accept_symbol('=')) {
            continue;
        }
        if (encoding) {
            needs_.database_encoding = cursor_.literal().value_or("");
        } else {
            needs_.tablespaces.insert(unquote_identifier(cursor_.name()));
        }
    }
}

/// COLLATE may stand anywhere in an expression.
void Walk::collations() {
    while (!cursor_.done()) {
        if (cursor_.accept("collate")) {
            const std::optional<Name> name = parse_name(cursor_.name());
            if (name && one_of(name->schema, {"", "pg_catalog"}) &&
                !one_of(name->name, {"default", "C", "POSIX", "ucs_basic"})) {
                needs_.collations.insert(name->name);
            }
        } else {
            cursor_.step();
        }
    }
}

/// `(provider = icu, locale = 'de-DE')`; the provider comes first. A builtin locale is in every
/// server that knows the word.
void Walk::locales() {
    std::string provider = "libc";
    while (!cursor_.done()) {
        const bool names_provider = cursor_.at("provider");
        const bool names_locale =
            cursor_.at("locale") || cursor_.at("lc_collate") || cursor_.at("lc_ctype");
        cursor_.step();
        if (!(names_provider || names_locale) || !cursor_.accept_symbol('=')) {
            continue;
        }
        if (names_provider) {
            provider = lower(cursor_.name());
        } else if (std::optional<std::string> locale = cursor_.literal();
                   locale && provider != "builtin") {
            (provider == "icu" ? needs_.icu_locales : needs_.locales).insert(std::move(*locale));
        }
    }
}

bool has_no_requirements(Kind kind) {
    return kind == Kind::insert || kind == Kind::setval || kind == Kind::large_object ||
           kind == Kind::statistics || kind == Kind::drop;
}

} // namespace

void RequirementsCollector::add_setting(const Statement& statement, const Syntax& syntax) {
    std::optional<std::string> value = value_of_setting(statement, syntax);
    if (!value || value->empty()) {
        return;
    }
    if (statement.object == "default_tablespace") {
        needs_.tablespaces.insert(std::move(*value));
    } else if (one_of(statement.object, {"session authorization", "role"}) && *value != "none") {
        needs_.roles.insert(std::move(*value));
    }
}

void RequirementsCollector::add(const Statement& statement, const Syntax& syntax) {
    if (has_no_requirements(statement.kind)) {
        return;
    }
    if (statement.kind == Kind::set) {
        return add_setting(statement, syntax);
    }
    if (statement.kind == Kind::create_extension) {
        needs_.extensions.insert(unquote_identifier(statement.object));
    } else if (statement.kind == Kind::create_role) {
        created_roles_.insert(unquote_identifier(statement.object));
    } else if (statement.verb == "CREATE TABLESPACE") {
        created_tablespaces_.insert(unquote_identifier(statement.object));
    } else if (statement.verb == "CREATE DATABASE") {
        Walk(statement, syntax, needs_).database();
    } else if (statement.verb == "CREATE COLLATION") {
        Walk(statement, syntax, needs_).locales();
    } else if (one_of(statement.verb,
                      {"CREATE FUNCTION", "CREATE PROCEDURE", "CREATE TRANSFORM"})) {
        Walk(statement, syntax, needs_).routine();
    }
    Walk(statement, syntax, needs_).roles();
    Walk(statement, syntax, needs_).collations();
}

Requirements RequirementsCollector::finish() && {
    for (const std::string& role : created_roles_) {
        needs_.roles.erase(role);
    }
    for (const std::string& tablespace : created_tablespaces_) {
        needs_.tablespaces.erase(tablespace);
    }
    return std::move(needs_);
}

} // namespace drctl::postgres::dump
