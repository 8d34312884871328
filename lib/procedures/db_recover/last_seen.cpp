// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/last_seen.hpp"

#include "drctl/error.hpp"
#include "engine/state_directory.hpp"
#include "system/files.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

namespace drctl::procedures {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using postgres::Cause;
using postgres::DatabaseProperties;
using Grant = DatabaseProperties::Grant;

constexpr int format_version = 1;

fs::path path_of(const fs::path& state_directory, const std::string& database) {
    return state_directory / "seen" / (database + ".json");
}

json from_optional(const std::optional<std::string>& value) {
    return value ? json(*value) : json();
}

std::optional<std::string> to_optional(const json& value) {
    return value.is_null() ? std::nullopt : std::optional(value.get<std::string>());
}

json to_json(const DatabaseProperties& it) {
    json grants;
    if (it.grants) {
        grants = json::array();
        for (const auto& grant : *it.grants) {
            grants.push_back({grant.grantor, grant.grantee, grant.privilege, grant.grantable});
        }
    }
    auto settings = json::array();
    for (const auto& setting : it.settings) {
        settings.push_back({setting.role, setting.name, setting.value});
    }
    return {{"oid", it.oid},
            {"name", it.name},
            {"owner", it.owner},
            {"encoding", it.encoding},
            {"collate", it.collate},
            {"ctype", it.ctype},
            {"locale_provider", it.locale_provider},
            {"provider_locale", from_optional(it.provider_locale)},
            {"icu_rules", from_optional(it.icu_rules)},
            {"tablespace", it.tablespace},
            {"connection_limit", it.connection_limit},
            {"is_template", it.is_template},
            {"comment", from_optional(it.comment)},
            {"grants", std::move(grants)},
            {"settings", std::move(settings)},
            {"security_labels", it.security_labels}};
}

DatabaseProperties properties_from(const json& body) {
    DatabaseProperties it;
    it.oid = body.at("oid");
    it.name = body.at("name");
    it.owner = body.at("owner");
    it.encoding = body.at("encoding");
    it.collate = body.at("collate");
    it.ctype = body.at("ctype");
    it.locale_provider = body.at("locale_provider");
    it.provider_locale = to_optional(body.at("provider_locale"));
    it.icu_rules = to_optional(body.at("icu_rules"));
    it.tablespace = body.at("tablespace");
    it.connection_limit = body.at("connection_limit");
    it.is_template = body.at("is_template");
    it.comment = to_optional(body.at("comment"));
    if (!body.at("grants").is_null()) {
        it.grants.emplace();
        for (const auto& grant : body.at("grants")) {
            it.grants->push_back({grant.at(0), grant.at(1), grant.at(2), grant.at(3)});
        }
    }
    for (const auto& setting : body.at("settings")) {
        it.settings.push_back({setting.at(0), setting.at(1), setting.at(2)});
    }
    body.at("security_labels").get_to(it.security_labels);
    return it;
}

/// The OID under which a relation was seen, by its name with or without a schema.
std::optional<postgres::Oid> find_relation(const LastSeen& seen, const std::string& name) {
    if (const auto exact = seen.relations.find(name); exact != seen.relations.end()) {
        return exact->second;
    }
    const auto tail = "." + name;
    const auto found =
        std::find_if(seen.relations.begin(), seen.relations.end(),
                     [&](const auto& relation) { return relation.first.ends_with(tail); });
    return found == seen.relations.end() ? std::nullopt : std::optional(found->second);
}

/// As ALTER DATABASE OWNER TO does with the grants.
void change_owner(DatabaseProperties& properties, const std::string& owner) {
    const auto former = std::exchange(properties.owner, owner);
    if (!properties.grants) {
        return;
    }
    const auto follow = [&](std::string& role) {
        if (role == former) {
            role = owner;
        }
    };
    for (auto& grant : *properties.grants) {
        follow(grant.grantor);
        follow(grant.grantee);
    }
}

/// Those that still can be given: to a role that is there, by the owner or by one who still gets
/// the right to.
std::vector<Grant> grants_that_hold(std::vector<Grant> grants, const std::string& owner,
                                    const std::set<std::string>& roles) {
    std::vector<Grant> hold;
    const auto holds = [&](const Grant& grant) {
        const bool there = grant.grantee.empty() || roles.contains(grant.grantee);
        const auto lets_grant = [&](const Grant& earlier) {
            return earlier.grantable && earlier.grantee == grant.grantor &&
                   earlier.privilege == grant.privilege;
        };
        return there &&
               (grant.grantor == owner || std::any_of(hold.begin(), hold.end(), lets_grant));
    };
    for (;;) {
        const auto rest = std::stable_partition(grants.begin(), grants.end(), holds);
        if (rest == grants.begin()) {
            return hold;
        }
        hold.insert(hold.end(), grants.begin(), rest);
        grants.erase(grants.begin(), rest);
    }
}

/// Roles that grants and settings name and the server does not have.
std::set<std::string> roles_gone(const DatabaseProperties& properties,
                                 const std::set<std::string>& there) {
    std::set<std::string> named;
    for (const auto& grant : properties.grants.value_or(std::vector<Grant>())) {
        named.insert({grant.grantor, grant.grantee});
    }
    for (const auto& setting : properties.settings) {
        named.insert(setting.role);
    }
    named.erase(""); // PUBLIC, and every role
    std::set<std::string> gone;
    std::set_difference(named.begin(), named.end(), there.begin(), there.end(),
                        std::inserter(gone, gone.end()));
    return gone;
}

/// Something for a person: neither healthy nor damaged.
Cause not_damage(std::string words, std::string hint) {
    auto cause = postgres::make_cause(Cause::Kind::configuration, std::move(words));
    cause.hint = std::move(hint);
    return cause;
}

} // namespace

LastSeen see(postgres::Connection& database, std::optional<std::uint64_t> system_identifier,
             system::WallTime now) {
    LastSeen seen;
    seen.when = now;
    seen.system_identifier = system_identifier;
    seen.properties =
        postgres::read_properties(database, database.dbname()).value_or(DatabaseProperties{});
    const auto rows = database.exec_for("list the tables", R"(
SELECT n.nspname || '.' || c.relname, c.oid
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema')");
    for (int row = 0; row < rows.rows(); ++row) {
        seen.relations.emplace(rows.string(row, 0),
                               static_cast<postgres::Oid>(rows.integer(row, 1)));
    }
    return seen;
}

ServerObjects server_objects(postgres::Connection& server) {
    const auto names = [&](const char* query) {
        const auto rows = server.exec(query);
        std::set<std::string> found;
        for (int row = 0; row < rows.rows(); ++row) {
            found.insert(rows.string(row, 0));
        }
        return found;
    };
    return {names("SELECT rolname FROM pg_roles"), names("SELECT spcname FROM pg_tablespace")};
}

std::vector<std::string> leave_out_what_is_gone(DatabaseProperties& properties,
                                                const ServerObjects& there,
                                                const std::string& owner) {
    constexpr const char* default_tablespace = "pg_default";
    std::vector<std::string> said;
    if (!there.roles.contains(properties.owner)) {
        said.push_back(
            fmt::format("its owner '{}' is gone: it will belong to '{}'", properties.owner, owner));
        change_owner(properties, owner);
    }
    if (!there.tablespaces.contains(properties.tablespace)) {
        said.push_back(fmt::format("its tablespace '{}' is gone: it will lie in {}",
                                   properties.tablespace, default_tablespace));
        properties.tablespace = default_tablespace;
    }
    const auto gone = roles_gone(properties, there.roles);
    if (gone.empty()) {
        return said;
    }
    if (properties.grants) {
        properties.grants =
            grants_that_hold(std::move(*properties.grants), properties.owner, there.roles);
    }
    std::erase_if(properties.settings, [&](const auto& each) { return gone.contains(each.role); });
    said.push_back(fmt::format("what these roles had, and had granted, is left out, as they are "
                               "gone: {}",
                               fmt::join(gone, ", ")));
    return said;
}

std::optional<LastSeen> read_last_seen(const fs::path& state_directory, const std::string& database,
                                       const std::optional<std::uint64_t>& system_identifier) {
    try {
        const auto body = json::parse(system::read_file(path_of(state_directory, database)));
        const auto when = system::parse_rfc3339(body.at("when").get<std::string>());
        if (body.at("version") != format_version || !when) {
            return std::nullopt;
        }
        LastSeen seen;
        seen.when = *when;
        if (const auto& identifier = body.at("system_identifier"); !identifier.is_null()) {
            seen.system_identifier = identifier.get<std::uint64_t>();
        }
        if (seen.system_identifier && system_identifier &&
            *seen.system_identifier != *system_identifier) {
            return std::nullopt;
        }
        seen.properties = properties_from(body.at("properties"));
        body.at("relations").get_to(seen.relations);
        return seen;
    } catch (const Error&) {
        return std::nullopt;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

void write_last_seen(const fs::path& state_directory, const std::string& database,
                     const LastSeen& seen) {
    const json body{
        {"version", format_version},
        {"when", system::format_rfc3339(seen.when)},
        {"system_identifier", seen.system_identifier ? json(*seen.system_identifier) : json()},
        {"properties", to_json(seen.properties)},
        {"relations", seen.relations}};
    const auto path = path_of(state_directory, database);
    engine::make_state_directory(path.parent_path());
    system::write_file_atomically(path,
                                  body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
}

Cause confirm_lost_relation(Cause lost, postgres::Connection& database,
                            const std::optional<LastSeen>& seen) {
    // OIDs of another database, by the same name, say nothing of this one.
    const bool same = seen && postgres::find_database(database, database.dbname()) ==
                                  std::optional(seen->properties.oid);
    const auto oid = same ? find_relation(*seen, lost.relation) : std::nullopt;
    if (!oid) {
        return not_damage(fmt::format("{}, but nobody has ever seen it there", lost.words),
                          "correct the verification query; or, if the relation was dropped and its "
                          "rows are missed: --restore-anyway");
    }
    const auto now = database.exec_for("look for a relation by its OID", R"(
SELECT n.nspname || '.' || c.relname
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = $1::pg_catalog.oid)",
                                       {std::to_string(*oid)});
    if (now.empty()) {
        lost.words += fmt::format(" (last seen {})", system::format_rfc3339(seen->when));
        return lost;
    }
    return not_damage(
        fmt::format("relation '{}' has another name now: '{}'", lost.relation, now.string(0, 0)),
        "correct the verification query, or the name");
}

std::optional<Cause> explain_missing_database(postgres::Connection& server,
                                              const std::optional<LastSeen>& seen,
                                              const fs::path& data_directory) {
    if (!seen) {
        return std::nullopt;
    }
    const auto oid = seen->properties.oid;
    if (const auto name = postgres::database_name(server, oid)) {
        return not_damage(
            fmt::format("database '{}' has another name now: '{}'", seen->properties.name, *name),
            fmt::format("rename it back: ALTER DATABASE \"{}\" RENAME TO \"{}\"; or correct "
                        "dbname in the configuration",
                        *name, seen->properties.name));
    }
    std::error_code ignored;
    const auto files = data_directory / "base" / std::to_string(oid);
    if (!data_directory.empty() && fs::exists(files, ignored)) {
        auto cause = postgres::make_cause(
            Cause::Kind::data_corrupted,
            fmt::format("pg_database has lost '{}', whose files are still there: base/{}",
                        seen->properties.name, oid));
        cause.scope = postgres::DamageScope::cluster;
        return cause;
    }
    return std::nullopt;
}

} // namespace drctl::procedures
