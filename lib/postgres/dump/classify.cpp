// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/classify.hpp"

#include "postgres/dump/cursor.hpp"
#include "postgres/dump/name.hpp"
#include "postgres/dump/object_type.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace drctl::postgres::dump {
namespace {

using Kind = StatementKind;

/// Fills one statement. A member function per first word.
class Classifier {
  public:
    Classifier(Statement& statement, const Syntax& syntax)
        : statement_(statement), cursor_(statement.text, syntax) {}

    void run();

  private:
    void take(Kind kind, std::string verb) {
        statement_.kind = kind;
        statement_.verb = std::move(verb);
    }
    /// The name that is next becomes the object.
    void object() {
        cursor_.skip_before_name();
        cursor_.accept("for"); // CREATE USER MAPPING FOR, CREATE TRANSFORM FOR
        statement_.object_at = cursor_.token().begin;
        statement_.object = cursor_.name();
        if (cursor_.token().kind == Token::Kind::number && statement_.object.empty()) {
            statement_.object = cursor_.text(); // LARGE OBJECT 4711
        }
    }
    /// What names more than one database names none that it could be rewritten for.
    void two_databases() { statement_.object.clear(); }
    void table() {
        cursor_.skip_before_name();
        statement_.tables.emplace_back(cursor_.name());
    }

    void set();
    void reset();
    void select();
    void create();
    void create_index();
    void create_on_table(std::string_view before);
    void alter();
    void alter_table();
    void alter_index();
    void alter_role(std::string verb);
    void add_constraint();
    void drop();
    void comment();
    void security_label();
    void grant(std::string verb);
    void update();
    void insert();
    void transaction(std::string_view words);

    Statement& statement_;
    Cursor cursor_;
};

void Classifier::set() {
    if (!cursor_.accept("session")) {
        cursor_.accept("local");
    }
    std::string parameter = lower(cursor_.text());
    cursor_.step();
    if (parameter == "constraints" || parameter == "transaction") {
        return take(parameter == "transaction" ? Kind::transaction : Kind::other,
                    "SET " + upper(parameter));
    }
    if (parameter == "authorization") {
        parameter = "session authorization";
    } else if (parameter == "names") {
        parameter = "client_encoding";
    } else if (parameter == "time" && cursor_.at("zone")) {
        parameter = "timezone";
    }
    while (cursor_.accept_symbol('.')) { // of an extension: plpgsql.extra_errors
        parameter += "." + lower(cursor_.text());
        cursor_.step();
    }
    take(Kind::set, "SET");
    statement_.object = std::move(parameter);
}

void Classifier::reset() {
    take(Kind::set, "RESET");
    statement_.object = cursor_.accept({"session", "authorization"}) ? "session authorization"
                                                                     : lower(cursor_.text());
}

void Classifier::select() {
    take(Kind::other, "SELECT");
    cursor_.accept_symbol('*');
    cursor_.accept("from");
    if (cursor_.accept("pg_catalog")) {
        cursor_.accept_symbol('.');
    }
    if (cursor_.token().kind != Token::Kind::word) {
        return;
    }
    const std::string function = lower(cursor_.text());
    cursor_.step();
    cursor_.accept_symbol('(');
    if (function == "set_config" || function == "setval") {
        const bool setting = function == "set_config";
        statement_.kind = setting ? Kind::set : Kind::setval;
        const std::string argument = cursor_.literal().value_or("");
        statement_.object = setting ? lower(argument) : argument;
    } else if (function.rfind("lo_", 0) == 0 || function == "lowrite") {
        statement_.kind = Kind::large_object;
    } else if (function.rfind("pg_restore_", 0) == 0) {
        statement_.kind = Kind::statistics;
    }
    statement_.verb += " " + function;
    if (function == "lo_unlink") { // how --clean drops a large object
        statement_.kind = Kind::drop;
    }
}

void Classifier::create() {
    cursor_.accept({"or", "replace"});
    for (const std::string_view word : {"unlogged", "unique", "recursive", "trusted"}) {
        cursor_.accept(word);
    }
    const std::string type = object_type(cursor_);
    take(Kind::other, "CREATE " + upper(type));
    if (type == "index") {
        return create_index();
    }
    constexpr std::array<std::pair<std::string_view, Kind>, 11> kinds = {{
        {"table", Kind::create_table},
        {"foreign table", Kind::create_table},
        {"schema", Kind::create_schema},
        {"extension", Kind::create_extension},
        {"role", Kind::create_role},
        {"user", Kind::create_role},
        {"group", Kind::create_role},
        {"database", Kind::database_level},
        {"tablespace", Kind::tablespace},
        {"subscription", Kind::subscription},
        {"event trigger", Kind::event_trigger},
    }};
    const auto* const known = std::find_if(kinds.begin(), kinds.end(),
                                           [&](const auto& entry) { return entry.first == type; });
    if (known != kinds.end()) {
        statement_.kind = known->second;
    }
    object();
    if (type == "trigger" || type == "constraint trigger" || type == "policy") {
        create_on_table("on");
    } else if (type == "rule") {
        create_on_table("to");
    }
}

void Classifier::create_on_table(std::string_view before) {
    if (cursor_.skip_to(before)) {
        cursor_.step();
        table();
    }
}

void Classifier::create_index() {
    statement_.kind = Kind::create_index;
    cursor_.accept("concurrently");
    object();
    create_on_table("on");
}

void Classifier::alter() {
    const std::string type = object_type(cursor_);
    const std::string verb = "ALTER " + upper(type);
    take(Kind::other, verb);
    if (type == "table" || type == "foreign table") {
        return alter_table();
    }
    if (type == "index") {
        return alter_index();
    }
    if (type == "role" || type == "user") {
        return alter_role(verb);
    }
    if (type == "default privileges" || type == "system") {
        return;
    }
    object();
    if (type == "database") {
        statement_.kind = Kind::database_level;
        if (cursor_.at("rename")) {
            two_databases();
        }
    } else if (type == "subscription") {
        statement_.kind = Kind::subscription;
    } else if (type == "event trigger") {
        statement_.kind = Kind::event_trigger;
    } else if (type == "tablespace") {
        statement_.kind = Kind::tablespace;
    } else if (type == "publication" && cursor_.accept("drop")) {
        take(Kind::drop, verb + " DROP");
    }
}

void Classifier::alter_table() {
    object();
    statement_.tables.push_back(statement_.object);
    if (cursor_.accept({"add", "constraint"})) {
        return add_constraint();
    }
    if (cursor_.accept({"attach", "partition"})) {
        take(Kind::attach_partition, "ALTER TABLE ATTACH PARTITION");
        return table();
    }
    if (cursor_.at("drop")) {
        return take(Kind::drop, statement_.verb + " DROP");
    }
    if (cursor_.accept("alter")) { // [COLUMN] name DROP DEFAULT
        cursor_.accept("column");
        cursor_.name();
        if (cursor_.at("drop")) {
            take(Kind::drop, statement_.verb + " DROP");
        }
    }
}

void Classifier::add_constraint() {
    statement_.object = cursor_.name();
    statement_.verb = "ALTER TABLE ADD CONSTRAINT";
    if (cursor_.at("primary") || cursor_.at("unique") || cursor_.at("exclude")) {
        statement_.kind = Kind::index_constraint;
    } else if (cursor_.at("foreign")) {
        statement_.kind = Kind::foreign_key;
        create_on_table("references");
    }
}

void Classifier::alter_index() {
    object();
    if (cursor_.accept({"attach", "partition"})) {
        take(Kind::attach_index, "ALTER INDEX ATTACH PARTITION");
        statement_.tables.push_back(statement_.object);
        table();
    }
}

void Classifier::alter_role(std::string verb) {
    object();
    if (!cursor_.accept({"in", "database"})) {
        return take(Kind::alter_role, std::move(verb));
    }
    take(Kind::database_level, verb + " IN DATABASE");
    object();
}

void Classifier::drop() {
    const std::string type = object_type(cursor_);
    take(type == "database" ? Kind::database_level : Kind::drop, "DROP " + upper(type));
    object();
}

void Classifier::comment() {
    cursor_.accept("on");
    const std::string type = object_type(cursor_);
    take(type == "database" ? Kind::database_level : Kind::other, "COMMENT ON " + upper(type));
    object();
}

void Classifier::security_label() {
    take(Kind::other, "SECURITY LABEL");
    if (cursor_.skip_to("on")) {
        cursor_.step();
        const std::string type = object_type(cursor_);
        object();
        if (type == "database") {
            take(Kind::database_level, "SECURITY LABEL ON DATABASE");
        }
    }
}

void Classifier::grant(std::string verb) {
    take(Kind::grant_role, verb);
    if (!cursor_.skip_to("on")) {
        return;
    }
    cursor_.step();
    const std::string type = object_type(cursor_);
    take(type == "database" ? Kind::database_level : Kind::other, verb + " ON " + upper(type));
    object();
    if (type == "database" && cursor_.at_symbol(',')) {
        two_databases();
    }
}

/// pg_dump writes one kind of UPDATE: a template must not be one while it is dropped.
void Classifier::update() {
    take(Kind::other, "UPDATE");
    statement_.object = cursor_.name();
    if (lower(statement_.object) == "pg_catalog.pg_database" && cursor_.skip_to("datname")) {
        cursor_.step();
        cursor_.accept_symbol('=');
        if (cursor_.token().kind == Token::Kind::string) {
            take(Kind::database_level, "UPDATE pg_database");
            statement_.object = cursor_.text();
            statement_.object_at = cursor_.token().begin;
        }
    }
}

void Classifier::insert() {
    take(Kind::insert, "INSERT INTO");
    cursor_.accept("into");
    object();
    statement_.tables.push_back(statement_.object);
}

void Classifier::run() {
    const auto first = [&](std::string_view word) { return cursor_.accept(word); };
    if (first("insert")) {
        insert();
    } else if (first("select")) {
        select();
    } else if (first("set")) {
        set();
    } else if (first("reset")) {
        reset();
    } else if (first("create")) {
        create();
    } else if (first("alter")) {
        alter();
    } else if (first("drop")) {
        drop();
    } else if (first("comment")) {
        comment();
    } else if (first("grant")) {
        grant("GRANT");
    } else if (first("revoke")) {
        grant("REVOKE");
    } else if (cursor_.accept({"security", "label"})) {
        security_label();
    } else if (cursor_.accept({"refresh", "materialized", "view"})) {
        take(Kind::refresh_matview, "REFRESH MATERIALIZED VIEW");
        object();
    } else if (first("update")) {
        update();
    } else {
        const std::string verb =
            upper(cursor_.token().kind == Token::Kind::word ? cursor_.text() : "");
        constexpr std::array<std::string_view, 6> transactions = {"BEGIN", "START",    "COMMIT",
                                                                  "END",   "ROLLBACK", "ABORT"};
        const bool known =
            std::find(transactions.begin(), transactions.end(), verb) != transactions.end();
        take(known ? Kind::transaction : Kind::other, verb);
    }
}

} // namespace

void classify(Statement& statement, const Syntax& syntax) {
    Classifier(statement, syntax).run();
}

} // namespace drctl::postgres::dump
