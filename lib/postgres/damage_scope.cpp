// SPDX-License-Identifier: Apache-2.0
#include "postgres/damage_scope.hpp"

#include "postgres/connection.hpp"
#include "postgres/missing_files.hpp"

#include <fmt/core.h>

#include <charconv>
#include <vector>

namespace drctl::postgres {
namespace {

/// What `global` is (src/include/catalog/pg_tablespace.dat).
constexpr std::uint32_t shared_tablespace = 1664;
constexpr system::Duration patience{30'000};

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

std::optional<std::uint32_t> number_in(std::string_view text) {
    std::uint32_t value = 0;
    const auto* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    return result.ec == std::errc() && result.ptr == end ? std::optional(value) : std::nullopt;
}

/// Files without which a database is none, and that no relation owns.
bool is_of_the_database_itself(std::string_view file) {
    const auto parts = split(file, '/');
    const auto& last = parts.back();
    const bool directory = parts.front() == "base" ? parts.size() == 2 : parts.size() == 4;
    return last == "PG_VERSION" || last == "pg_filenode.map" || (directory && number_in(last));
}

/// The relation that a file belongs to.
struct Owner {
    std::string name;
    char kind = 'r'; ///< pg_class.relkind
};

/// relfilenode is 0 for the few relations that pg_filenode.map maps, and those without files.
std::optional<Owner> owner_of(Connection& connection, const RelationFile& file) {
    const auto rows = connection.exec_for(
        "look for the relation of a damaged file",
        "SELECT n.nspname || '.' || c.relname, c.relkind FROM pg_database d, pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE d.datname = current_database() AND $1::oid IN (0, d.oid) AND "
        "CASE WHEN c.reltablespace = 0 THEN d.dattablespace ELSE c.reltablespace END = $2::oid AND "
        "CASE WHEN c.relfilenode = 0 THEN pg_relation_filenode(c.oid) ELSE c.relfilenode END = "
        "$3::oid",
        {std::to_string(file.database), std::to_string(file.tablespace),
         std::to_string(file.number)});
    if (rows.empty()) {
        return std::nullopt;
    }
    return Owner{rows.string(0, 0), rows.text(0, 1).front()};
}

/// A database that is whole where this one is not; what all share can be asked there.
Target another_of(const Target& database) {
    return database.with_dbname(database.dbname == "postgres" ? "template1" : "postgres");
}

/// Relations that initdb made have the same OID in every database, and a file of that number
/// until something rewrites them. So another database can tell which one it is where this one's
/// catalogue lets nobody in: the server wants its own indexes before it listens to a session.
std::optional<Owner> owner_by_another(const Target& database, const Session& session,
                                      const RelationFile& file, system::StopToken stop) {
    constexpr std::uint32_t first_of_users = 16384; // access/transam.h, FirstNormalObjectId
    if (file.number >= first_of_users) {
        return std::nullopt;
    }
    try {
        auto connection = Connection::open(another_of(database), session, stop);
        const auto rows = connection.exec("SELECT n.nspname || '.' || c.relname, c.relkind "
                                          "FROM pg_class c JOIN pg_namespace n "
                                          "ON n.oid = c.relnamespace WHERE c.oid = $1::oid",
                                          {std::to_string(file.number)});
        return rows.empty() ? std::nullopt
                            : std::optional(Owner{rows.string(0, 0), rows.text(0, 1).front()});
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted) {
            throw;
        }
        return std::nullopt;
    }
}

std::string_view name_of_kind(char relkind) {
    switch (relkind) {
    case 'i':
    case 'I':
        return "index";
    case 't':
        return "TOAST table";
    case 'm':
        return "materialized view";
    case 'S':
        return "sequence";
    default:
        return "table";
    }
}

void belongs_to(Cause& cause, const RelationFile& file, const Owner& owner) {
    if (file.fork == "vm" || file.fork == "fsm") {
        cause.scope = DamageScope::index;
        cause.words +=
            fmt::format(" ({} of {} {})", file.fork == "vm" ? "visibility map" : "free-space map",
                        name_of_kind(owner.kind), owner.name);
        return;
    }
    if (owner.kind == 'i' || owner.kind == 'I') {
        cause.scope = DamageScope::index;
    }
    cause.words += fmt::format(" ({} {})", name_of_kind(owner.kind), owner.name);
}

void proves_nothing(Cause& cause, std::string_view why, std::string hint) {
    cause.scope = DamageScope::none;
    cause.words += fmt::format(" ({})", why);
    cause.hint = std::move(hint);
}

Session looking_session() {
    Session session;
    session.connect_timeout = patience;
    session.statement_timeout = patience;
    session.ignore_system_indexes = true;
    return session;
}

void ask_catalogue(Cause& cause, const RelationFile& file, const Target& database,
                   const Session& session, system::StopToken stop) {
    auto connection = Connection::open(database, session, stop);
    connection.exec("SET enable_indexscan = off; SET enable_bitmapscan = off");
    if (const auto owner = owner_of(connection, file)) {
        belongs_to(cause, file, *owner);
    } else if (file.tablespace != shared_tablespace) {
        proves_nothing(cause, "a file that belongs to nothing the catalogue knows",
                       "the relation may have been rewritten meanwhile: type the same again");
    }
}

/// A destroyed row asks for a transaction that never was. One that was has a status, and if the
/// server cannot read that, the status of transactions is damaged, for all databases.
void ask_for_transaction(Cause& cause, const Target& database, system::StopToken stop) {
    constexpr std::string_view before = "status of transaction ";
    const auto at = cause.words.find(before);
    const auto transaction = at == std::string::npos ? "" : cause.words.substr(at + before.size());
    if (!number_in(transaction)) {
        return;
    }
    try {
        auto connection = Connection::open(another_of(database), looking_session(), stop);
        const auto was = connection.exec_for(
            "ask whether a transaction was",
            "SELECT age($1::xid) BETWEEN 1 AND max(age(datfrozenxid)) FROM pg_database",
            {transaction});
        if (was.boolean(0, 0)) {
            cause.scope = DamageScope::cluster;
            cause.words += " (the server had that transaction, and has lost what became of it)";
        }
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted) {
            throw;
        }
    }
}

} // namespace

std::optional<RelationFile> parse_relation_file(std::string_view file) {
    const auto parts = split(file, '/');
    RelationFile found;
    std::optional<std::uint32_t> tablespace = default_tablespace;
    std::optional<std::uint32_t> database = 0;
    if (parts.front() == "global" && parts.size() == 2) {
        tablespace = shared_tablespace;
    } else if (parts.front() == "base" && parts.size() == 3) {
        database = number_in(parts[1]);
    } else if (parts.front() == "pg_tblspc" && parts.size() == 5) {
        tablespace = number_in(parts[1]);
        database = number_in(parts[3]);
    } else {
        return std::nullopt;
    }
    const auto name = split(parts.back(), '.').front(); // the rest is the segment
    const auto fork = name.find('_');
    const auto number = number_in(name.substr(0, fork));
    if (!tablespace || !database || !number) {
        return std::nullopt;
    }
    found.tablespace = *tablespace;
    found.database = *database;
    found.number = *number;
    found.fork = fork == std::string_view::npos ? "" : name.substr(fork + 1);
    return found;
}

Cause confirm_damage(Cause cause, const Target& database,
                     const std::optional<fs::path>& data_directory, system::StopToken stop) {
    if (!cause.is_damage() || cause.scope == DamageScope::index || cause.confirmed) {
        return cause;
    }
    cause.confirmed = true;
    if (cause.kind == Cause::Kind::transaction_status_damaged) {
        ask_for_transaction(cause, database, stop);
    }
    if (cause.file.empty()) {
        return cause;
    }
    if (cause.file.starts_with("pg_tblspc/")) {
        if (auto doubt = doubt_about_absence(data_directory, cause.file)) {
            doubt->words += ": " + cause.words;
            return *doubt;
        }
    }
    const auto file = parse_relation_file(cause.file);
    if (!file) {
        if (cause.scope == DamageScope::database && !is_of_the_database_itself(cause.file)) {
            proves_nothing(cause, "a file of no relation", "look at the server's log");
        }
        return cause;
    }
    const auto session = looking_session();
    try {
        ask_catalogue(cause, *file, database, session, stop);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted) {
            throw;
        }
        // What fails here is a part of the catalogue itself, or not damage at all.
        if (const auto owner = owner_by_another(database, session, *file, stop)) {
            belongs_to(cause, *file, *owner);
        } else if (file->tablespace != shared_tablespace && !classify(error).is_damage()) {
            proves_nothing(cause, "and nobody can tell what it belongs to: " + error.message(),
                           error.hint());
        }
    }
    return cause;
}

} // namespace drctl::postgres
