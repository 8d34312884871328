// SPDX-License-Identifier: Apache-2.0
#include "postgres/requirements.hpp"

#include "postgres/printable.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>

namespace drctl::postgres {
namespace {

/// A name of the dump, which the session speaks, for a person to read.
std::string readable(Connection& server, const std::string& name) {
    const bool ascii =
        std::all_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x80; });
    if (ascii) {
        return name;
    }
    try {
        const auto hex = server.exec("SELECT encode(convert_to($1, 'UTF8'), 'hex')", {name});
        std::string text;
        for (std::size_t at = 0; at + 1 < hex.text(0, 0).size(); at += 2) {
            text += static_cast<char>(std::stoi(hex.string(0, 0).substr(at, 2), nullptr, 16));
        }
        return text;
    } catch (const Error& error) {
        if (error.context_value("sqlstate").empty()) {
            throw; // the connection itself, or a stop
        }
        return printable(name); // a server that takes every byte for a character
    }
}

void find_missing(Connection& server, const std::set<std::string>& names, const char* kind,
                  const char* query, std::vector<std::string>& missing) {
    for (const auto& name : names) {
        if (server.exec(query, {name}).empty()) {
            missing.push_back(std::string(kind) + " " + readable(server, name));
        }
    }
}

/// lc_monetary takes what the C library has, and nothing else; it is set for the one statement.
bool has_locale(Connection& server, const std::string& name) {
    constexpr std::string_view invalid_value = "22023";
    try {
        server.exec("SELECT set_config('lc_monetary', $1, true)", {name});
        return true;
    } catch (const Error& error) {
        if (error.context_value("sqlstate") != invalid_value) {
            throw;
        }
        return false;
    }
}

/// An extension may bring languages of any name, and so may a dump that has their handlers, which
/// are functions in C. Both are looked for by themselves.
bool may_bring_languages(const dump::Requirements& needs) {
    return !needs.libraries.empty() ||
           std::any_of(needs.extensions.begin(), needs.extensions.end(),
                       [](const std::string& name) { return name != "plpgsql"; });
}

/// A library without a directory is looked for in dynamic_library_path, which may name any.
std::set<std::string> findable_libraries(const dump::Requirements& needs) {
    std::set<std::string> found;
    std::copy_if(needs.libraries.begin(), needs.libraries.end(), std::inserter(found, found.end()),
                 [](const std::string& name) {
                     return name.starts_with("$libdir/") || name.starts_with('/');
                 });
    return found;
}

/// Only a superuser may look at the server's files, and only one can restore.
bool may_look_at_files(Connection& server) {
    return server.exec("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").boolean(0, 0);
}

/// Of a server that was built with ICU, which then takes any locale.
constexpr const char* find_icu =
    "SELECT FROM pg_collation WHERE collprovider = 'i' AND collname = 'und-x-icu' AND $1 <> ''";

constexpr const char* find_library =
    "SELECT FROM pg_config c, unnest(ARRAY['', '.so']) AS suffix(s) WHERE c.name = 'PKGLIBDIR' AND "
    "(pg_stat_file(replace($1, '$libdir', c.setting) || s, true)).size IS NOT NULL";

} // namespace

std::vector<std::string> missing_requirements(Connection& server, const dump::Outline& dump) {
    const auto& needs = dump.needs;
    std::vector<std::string> missing;
    if (!dump.encoding.empty()) {
        server.exec("SET client_encoding = " + server.literal(dump.encoding));
    }
    find_missing(server, needs.roles, "role", "SELECT FROM pg_roles WHERE rolname = $1", missing);
    find_missing(server, needs.extensions, "extension",
                 "SELECT FROM pg_available_extensions WHERE name = $1", missing);
    find_missing(server, needs.tablespaces, "tablespace",
                 "SELECT FROM pg_tablespace WHERE spcname = $1", missing);
    find_missing(server, needs.collations, "collation",
                 "SELECT FROM pg_collation WHERE collname = $1", missing);
    find_missing(server, needs.icu_locales, "ICU locale", find_icu, missing);
    for (const auto& name : needs.locales) {
        if (!has_locale(server, name)) {
            missing.push_back("locale " + readable(server, name));
        }
    }
    if (!may_bring_languages(needs)) {
        find_missing(server, needs.languages, "language",
                     "SELECT FROM pg_language WHERE lanname = $1", missing);
    }
    if (may_look_at_files(server)) {
        find_missing(server, findable_libraries(needs), "library", find_library, missing);
    }
    server.exec("SET client_encoding = 'UTF8'");
    return missing;
}

} // namespace drctl::postgres
