// SPDX-License-Identifier: Apache-2.0
#include "postgres/database.hpp"

#include "postgres/database_names.hpp"
#include "postgres/setting_list.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <set>

namespace drctl::postgres {
namespace {

using Grant = DatabaseProperties::Grant;
using Setting = DatabaseProperties::Setting;

/// For the rest of the session, catalogues are read by sequential scan.
constexpr const char* without_indexes = "SELECT set_config('enable_indexscan', 'off', false), "
                                        "set_config('enable_indexonlyscan', 'off', false), "
                                        "set_config('enable_bitmapscan', 'off', false)";

void read_without_indexes(Connection& server) {
    server.exec(without_indexes);
}

std::vector<Grant> read_grants(Connection& server, Oid oid) {
    const auto rows =
        server.exec_for("read the privileges of the database",
                        "SELECT pg_get_userbyid(a.grantor), "
                        "CASE WHEN a.grantee = 0 THEN '' ELSE pg_get_userbyid(a.grantee) END, "
                        "a.privilege_type, a.is_grantable "
                        "FROM pg_database d, aclexplode(d.datacl) a WHERE d.oid = $1::oid",
                        {std::to_string(oid)});
    std::vector<Grant> grants;
    grants.reserve(static_cast<std::size_t>(rows.rows()));
    for (int row = 0; row < rows.rows(); ++row) {
        grants.push_back(
            {rows.string(row, 0), rows.string(row, 1), rows.string(row, 2), rows.boolean(row, 3)});
    }
    return grants;
}

std::vector<Setting> read_settings(Connection& server, Oid oid) {
    const auto rows = server.exec_for(
        "read the settings of the database",
        "SELECT CASE WHEN setrole = 0 THEN '' ELSE pg_get_userbyid(setrole) END, unnest(setconfig) "
        "FROM pg_db_role_setting WHERE setdatabase = $1::oid",
        {std::to_string(oid)});
    std::vector<Setting> settings;
    for (int row = 0; row < rows.rows(); ++row) {
        const auto entry = rows.string(row, 1);
        const auto equals = entry.find('=');
        settings.push_back(
            {rows.string(row, 0), entry.substr(0, equals), entry.substr(equals + 1)});
    }
    return settings;
}

std::vector<std::pair<std::string, std::string>> read_labels(Connection& server, Oid oid) {
    const auto rows = server.exec_for("read the security labels of the database",
                                      "SELECT provider, label FROM pg_shseclabel WHERE objoid = "
                                      "$1::oid AND classoid = 'pg_database'::regclass",
                                      {std::to_string(oid)});
    std::vector<std::pair<std::string, std::string>> labels;
    labels.reserve(static_cast<std::size_t>(rows.rows()));
    for (int row = 0; row < rows.rows(); ++row) {
        labels.emplace_back(rows.string(row, 0), rows.string(row, 1));
    }
    return labels;
}

/// `PUBLIC` or a role, for GRANT and REVOKE.
std::string grantee_of(Connection& server, const std::string& role) {
    return role.empty() ? "PUBLIC" : server.identifier(role);
}

/// Takes away what anybody has. What was granted on by others goes with what it rests on.
void revoke_all(Connection& server, const std::string& database, const std::string& owner,
                const std::vector<Grant>& grants) {
    std::set<std::string> grantees{"", owner};
    for (const auto& grant : grants) {
        if (grant.grantor == owner) {
            grantees.insert(grant.grantee);
        }
    }
    for (const auto& grantee : grantees) {
        server.exec(fmt::format("REVOKE ALL ON DATABASE {} FROM {} CASCADE", database,
                                grantee_of(server, grantee)));
    }
}

/// As pg_dump does: the owner's grants come first, a grant of somebody else is given in that role's
/// name.
void grant_all(Connection& server, const std::string& database, const std::string& owner,
               std::vector<Grant> grants) {
    std::stable_partition(grants.begin(), grants.end(),
                          [&](const Grant& grant) { return grant.grantor == owner; });
    for (const auto& grant : grants) {
        const bool foreign = grant.grantor != owner;
        if (foreign) {
            server.exec("SET SESSION AUTHORIZATION " + server.identifier(grant.grantor));
        }
        server.exec(fmt::format("GRANT {} ON DATABASE {} TO {}{}", grant.privilege, database,
                                grantee_of(server, grant.grantee),
                                grant.grantable ? " WITH GRANT OPTION" : ""));
        if (foreign) {
            server.exec("RESET SESSION AUTHORIZATION");
        }
    }
}

/// src/backend/utils/adt/acl.c, acldefault(): what no list at all means.
std::vector<Grant> built_in_grants(const std::string& owner) {
    return {{owner, "", "CONNECT", false},
            {owner, "", "TEMPORARY", false},
            {owner, owner, "ALL", false}};
}

/// Nothing to do where both have what the server gives by itself.
void carry_grants(Connection& server, const std::string& database,
                  const DatabaseProperties& properties, const DatabaseProperties& now) {
    if (!properties.grants && !now.grants) {
        return;
    }
    revoke_all(server, database, properties.owner, now.grants.value_or(std::vector<Grant>{}));
    grant_all(server, database, properties.owner,
              properties.grants.value_or(built_in_grants(properties.owner)));
}

/// What a setting is for: all of a database, or one role in it.
std::string holder_of(Connection& server, const std::string& database, const Setting& setting) {
    return setting.role.empty()
               ? "DATABASE " + database
               : "ROLE " + server.identifier(setting.role) + " IN DATABASE " + database;
}

void reset_settings(Connection& server, const std::string& database,
                    const std::vector<Setting>& settings) {
    for (const auto& setting : settings) {
        server.exec("ALTER " + holder_of(server, database, setting) + " RESET " +
                    quoted_setting_name(server, setting.name));
    }
}

void apply_setting(Connection& server, const std::string& database, const Setting& setting) {
    std::vector<std::string> values;
    for (const auto& value : setting_values(setting.name, setting.value)) {
        values.push_back(server.literal(value));
    }
    // A parameter's name may have dots (`app.tenant`), each part an identifier.
    server.exec_for("carry over the setting " + setting.name,
                    fmt::format("ALTER {} SET {} TO {}", holder_of(server, database, setting),
                                quoted_setting_name(server, setting.name),
                                fmt::join(values, ", ")));
}

/// Provider, its locale and its rules, as far as that version knows them.
std::string locale_columns(int server_version) {
    const std::string provider = "CASE datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' "
                                 "ELSE 'libc' END, ";
    if (server_version >= 170000) {
        return provider + "datlocale, daticurules";
    }
    if (server_version >= 160000) {
        return provider + "daticulocale, daticurules";
    }
    return server_version >= 150000 ? provider + "daticulocale, NULL" : "'libc', NULL, NULL";
}

/// A database that has subscriptions cannot be dropped.
void drop_subscriptions(Connection& server, Oid oid, const std::string& database) {
    const auto rows = server.exec("SELECT subname FROM pg_subscription WHERE subdbid = $1::oid",
                                  {std::to_string(oid)});
    if (rows.empty()) {
        return;
    }
    auto inside = server.another(database);
    for (int row = 0; row < rows.rows(); ++row) {
        const auto subscription = "SUBSCRIPTION " + inside.identifier(rows.text(row, 0));
        inside.exec("ALTER " + subscription + " DISABLE");
        inside.exec("ALTER " + subscription + " SET (slot_name = NONE)");
        inside.exec("DROP " + subscription);
    }
}

/// The first column of a query about one database.
std::vector<std::string> names_for(Connection& server, const char* query, Oid oid) {
    const auto rows = server.exec(query, {std::to_string(oid)});
    std::vector<std::string> names;
    names.reserve(static_cast<std::size_t>(rows.rows()));
    for (int row = 0; row < rows.rows(); ++row) {
        names.push_back(rows.string(row, 0));
    }
    return names;
}

/// The key of the advisory lock of a target, as SQL.
std::string lock_key(Connection& server, const std::string& target) {
    return "hashtextextended(" + server.literal("drctl:" + target) + ", 0)";
}

} // namespace

std::optional<Oid> find_database(Connection& server, const std::string& name) {
    read_without_indexes(server);
    const auto rows = server.exec_for("look for database '" + name + "'",
                                      "SELECT oid FROM pg_database WHERE datname = $1", {name});
    return rows.empty() ? std::nullopt : std::optional(rows.oid(0, 0));
}

std::optional<std::string> database_name(Connection& server, Oid oid) {
    read_without_indexes(server);
    const auto rows = server.exec_for("look for a database by its OID",
                                      "SELECT datname FROM pg_database WHERE oid = $1::oid",
                                      {std::to_string(oid)});
    return rows.empty() ? std::nullopt : std::optional(rows.string(0, 0));
}

std::optional<DatabaseProperties> read_properties(Connection& server, const std::string& name) {
    read_without_indexes(server);
    const auto rows = server.exec_for(
        "read the properties of database '" + name + "'",
        "SELECT d.oid, pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, "
        "datctype, " +
            locale_columns(server.server_version()) +
            ", spcname, datconnlimit, datistemplate, "
            "shobj_description(d.oid, 'pg_database'), datacl IS NOT NULL "
            "FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace "
            "WHERE datname = $1",
        {name});
    if (rows.empty()) {
        return std::nullopt;
    }
    DatabaseProperties found;
    found.oid = rows.oid(0, 0);
    found.name = name;
    found.owner = rows.string(0, 1);
    found.encoding = rows.string(0, 2);
    found.collate = rows.string(0, 3);
    found.ctype = rows.string(0, 4);
    found.locale_provider = rows.string(0, 5);
    found.provider_locale = rows.optional_string(0, 6);
    found.icu_rules = rows.optional_string(0, 7);
    found.tablespace = rows.string(0, 8);
    found.connection_limit = static_cast<int>(rows.integer(0, 9));
    found.is_template = rows.boolean(0, 10);
    found.comment = rows.optional_string(0, 11);
    if (rows.boolean(0, 12)) {
        found.grants = read_grants(server, found.oid);
    }
    found.settings = read_settings(server, found.oid);
    found.security_labels = read_labels(server, found.oid);
    return found;
}

std::vector<DatabaseSize> databases_made_by_runs(Connection& server) {
    const auto rows = server.exec("SELECT oid, datname, pg_database_size(oid) FROM pg_database "
                                  "WHERE datname LIKE '%\\_\\_%' ORDER BY datname");
    std::vector<DatabaseSize> found;
    for (int row = 0; row < rows.rows(); ++row) {
        if (is_made_by_a_run(rows.text(row, 1))) {
            found.push_back({rows.oid(row, 0), rows.string(row, 1),
                             static_cast<std::uint64_t>(rows.integer(row, 2))});
        }
    }
    return found;
}

std::vector<std::string> prepared_transactions(Connection& server, Oid oid) {
    return names_for(server,
                     "SELECT x.gid FROM pg_prepared_xacts x JOIN pg_database d "
                     "ON d.datname = x.database WHERE d.oid = $1::oid",
                     oid);
}

std::vector<std::string> logical_slots(Connection& server, Oid oid) {
    return names_for(server,
                     "SELECT slot_name FROM pg_replication_slots WHERE datoid = $1::oid ORDER BY 1",
                     oid);
}

void create_database_like(Connection& server, const std::string& name,
                          const DatabaseProperties& like) {
    std::string sql = fmt::format(
        "CREATE DATABASE {} TEMPLATE template0 OWNER {} ENCODING {} LC_COLLATE {} LC_CTYPE {} "
        "TABLESPACE {}",
        server.identifier(name), server.identifier(like.owner), server.literal(like.encoding),
        server.literal(like.collate), server.literal(like.ctype),
        server.identifier(like.tablespace));
    if (like.locale_provider != "libc") {
        sql += fmt::format(" LOCALE_PROVIDER {0} {0}_LOCALE {1}", like.locale_provider,
                           server.literal(like.provider_locale.value_or("")));
    }
    if (like.icu_rules) {
        sql += " ICU_RULES " + server.literal(*like.icu_rules);
    }
    server.exec_for("create database '" + name + "'", sql);
}

void apply_properties(Connection& server, const std::string& name,
                      const DatabaseProperties& properties) {
    auto now = read_properties(server, name);
    if (properties.oid == 0 || !now) {
        return;
    }
    const auto database = server.identifier(name);
    if (now->owner != properties.owner) {
        server.exec("ALTER DATABASE " + database + " OWNER TO " +
                    server.identifier(properties.owner));
        now->grants = read_properties(server, name).value_or(*now).grants; // made out to the new
    }
    carry_grants(server, database, properties, *now);
    reset_settings(server, database, now->settings);
    for (const auto& setting : properties.settings) {
        apply_setting(server, database, setting);
    }
    server.exec(fmt::format("ALTER DATABASE {} CONNECTION LIMIT {} IS_TEMPLATE {}", database,
                            properties.connection_limit, properties.is_template));
    server.exec("COMMENT ON DATABASE " + database + " IS " +
                (properties.comment ? server.literal(*properties.comment) : "NULL"));
    for (const auto& [provider, label] : now->security_labels) {
        server.exec(fmt::format("SECURITY LABEL FOR {} ON DATABASE {} IS NULL",
                                server.identifier(provider), database));
    }
    for (const auto& [provider, label] : properties.security_labels) {
        server.exec(fmt::format("SECURITY LABEL FOR {} ON DATABASE {} IS {}",
                                server.identifier(provider), database, server.literal(label)));
    }
}

void drop_database_of_run(Connection& server, Oid oid) {
    const auto name = database_name(server, oid);
    if (!name) {
        return;
    }
    if (!is_made_by_a_run(*name)) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot drop database '{}': no run has made that name", *name),
                    "drop it by hand if it is really not needed");
    }
    // A template, or one that somebody has closed, is dropped all the same. One that an interrupted
    // DROP has left invalid refuses every ALTER.
    if (server
            .exec("SELECT FROM pg_database WHERE oid = $1::oid AND datistemplate",
                  {std::to_string(oid)})
            .rows() > 0) {
        server.exec("ALTER DATABASE " + server.identifier(*name) + " IS_TEMPLATE false");
    }
    drop_subscriptions(server, oid, *name);
    server.exec_for("drop database '" + *name + "'",
                    "DROP DATABASE " + server.identifier(*name) + " WITH (FORCE)");
}

void take_advisory_lock(Connection& server, const std::string& target) {
    const auto key = lock_key(server, target);
    const auto attempt = "SELECT pg_try_advisory_lock(" + key + ")";
    // Whoever is here holds the target's lock on this host, so a session of ours that still has
    // the server's lock belongs to a process that is dead; its server side has not noticed yet.
    server.exec("SELECT pg_terminate_backend(l.pid, 5000) FROM pg_locks l "
                "JOIN pg_stat_activity a USING (pid) "
                "WHERE l.locktype = 'advisory' AND l.granted AND a.application_name = 'drctl' "
                "AND a.client_addr IS NULL AND l.pid <> pg_backend_pid() "
                "AND (l.classid::bigint << 32 | l.objid::bigint) = " +
                key);
    if (!server.exec(attempt).boolean(0, 0)) {
        throw Error(
            ErrorCode::locked,
            fmt::format("cannot lock '{}': another session of this server holds its lock", target),
            "look for it: SELECT * FROM pg_locks WHERE locktype = 'advisory'");
    }
}

} // namespace drctl::postgres
