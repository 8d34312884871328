// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "postgres/connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Databases of a server as a whole: what they are, made beside each other, dropped. All of it over
/// a connection to another database (`postgres`). Catalogues are read by sequential scan, so
/// that a damaged index of pg_database hides nothing.
namespace drctl::postgres {

using Oid = std::uint32_t;

/// What belongs to a database but is not in its dump.
struct DatabaseProperties {
    Oid oid = 0; ///< 0: of no database that ever was
    std::string name;
    std::string owner;
    std::string encoding; ///< `UTF8`
    std::string collate;
    std::string ctype;
    std::string locale_provider = "libc";       ///< or `icu`, `builtin`
    std::optional<std::string> provider_locale; ///< of `icu` and `builtin`
    std::optional<std::string> icu_rules;
    std::string tablespace;
    int connection_limit = -1;
    bool is_template = false;
    std::optional<std::string> comment;

    struct Grant {
        std::string grantor;
        std::string grantee; ///< empty: PUBLIC
        std::string privilege;
        bool grantable = false;
    };
    std::optional<std::vector<Grant>> grants; ///< nothing: the built-in default

    struct Setting {
        std::string role; ///< empty: of the database for every role
        std::string name;
        std::string value;
    };
    std::vector<Setting> settings;
    std::vector<std::pair<std::string, std::string>> security_labels; ///< provider, label
};

struct DatabaseSize {
    Oid oid = 0;
    std::string name;
    std::uint64_t bytes = 0;
};

[[nodiscard]] DRCTL_API std::optional<Oid> find_database(Connection& server,
                                                         const std::string& name);
[[nodiscard]] DRCTL_API std::optional<std::string> database_name(Connection& server, Oid oid);
[[nodiscard]] DRCTL_API std::optional<DatabaseProperties> read_properties(Connection& server,
                                                                          const std::string& name);
/// Databases that runs have made and kept, with their sizes.
[[nodiscard]] DRCTL_API std::vector<DatabaseSize> databases_made_by_runs(Connection& server);
/// Ids of prepared transactions of a database: they keep it from being renamed.
[[nodiscard]] DRCTL_API std::vector<std::string> prepared_transactions(Connection& server, Oid oid);
/// Logical replication slots of a database. They stay with it whatever it is called, and go with
/// it.
[[nodiscard]] DRCTL_API std::vector<std::string> logical_slots(Connection& server, Oid oid);

/// An empty database from template0 with owner, encoding, locale and tablespace of `like`.
void create_database_like(Connection& server, const std::string& name,
                          const DatabaseProperties& like);
/// Gives a database the owner, privileges, settings, limits, comment and labels of another, and
/// takes away those it has besides: a dump made with --create brings what was so on its day. Of
/// no database (OID 0) nothing is carried, and what the dump says stays. Idempotent.
void apply_properties(Connection& server, const std::string& name,
                      const DatabaseProperties& properties);
/// Ends the sessions of a database and drops it. Only one that a run has made, and only while
/// its OID is the expected one; nothing to do if there is none of that OID. Its subscriptions go
/// too, but never their slots at the publisher: the restored database may use the same ones.
DRCTL_API void drop_database_of_run(Connection& server, Oid oid);

/// Ends sessions of ours that a dead run left in a database, and any that still hold the lock
/// of `target`; then takes that lock for this session. Throws Error(locked).
void take_advisory_lock(Connection& server, const std::string& target);

} // namespace drctl::postgres
