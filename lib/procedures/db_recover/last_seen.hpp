// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/causes.hpp"
#include "postgres/connection.hpp"
#include "postgres/database.hpp"
#include "system/clock.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace drctl::procedures {

/// What a database was when it was last seen healthy: what proves, on the day something is missing,
/// that it is gone and not only renamed, and how to make it again. No row data.
/// Kept as `<state>/seen/<database>.json`, replaced by every healthy look.
struct LastSeen {
    system::WallTime when;
    std::optional<std::uint64_t> system_identifier; ///< of the cluster it was in
    postgres::DatabaseProperties properties;
    std::map<std::string, postgres::Oid> relations; ///< `public.My Table`, tables and views
};

/// Looks through a session in the database itself.
[[nodiscard]] LastSeen see(postgres::Connection& database,
                           std::optional<std::uint64_t> system_identifier, system::WallTime now);

/// Nothing where nobody has seen it, what was written cannot be read, or it was seen in another
/// cluster than the one of that identifier (nothing: not known which).
[[nodiscard]] std::optional<LastSeen>
read_last_seen(const std::filesystem::path& state_directory, const std::string& database,
               const std::optional<std::uint64_t>& system_identifier);
/// Throws Error where the state directory cannot be written.
void write_last_seen(const std::filesystem::path& state_directory, const std::string& database,
                     const LastSeen& seen);

/// What properties of a database may name.
struct ServerObjects {
    std::set<std::string> roles;
    std::set<std::string> tablespaces;
};

[[nodiscard]] ServerObjects server_objects(postgres::Connection& server);

/// Takes out of properties what names a role or tablespace that is gone by now: the database then
/// belongs to `owner` and lies in pg_default, and what such a role had, or has granted, is left
/// out. Says so, a line for each.
[[nodiscard]] std::vector<std::string>
leave_out_what_is_gone(postgres::DatabaseProperties& properties, const ServerObjects& there,
                       const std::string& owner);

/// Judges `lost`, whose `relation` the catalogue of the live database does not have: gone only if
/// it was seen there and its OID is gone too. Otherwise not damage: renamed, or never there.
[[nodiscard]] postgres::Cause confirm_lost_relation(postgres::Cause lost,
                                                    postgres::Connection& database,
                                                    const std::optional<LastSeen>& seen);

/// Judges a database that the catalogue of its server does not have by that name. Nothing: it is
/// gone, as far as can be told. `data_directory` may be empty where it is not known.
[[nodiscard]] std::optional<postgres::Cause>
explain_missing_database(postgres::Connection& server, const std::optional<LastSeen>& seen,
                         const std::filesystem::path& data_directory);

} // namespace drctl::procedures
