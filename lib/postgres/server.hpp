// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "postgres/target.hpp"
#include "system/clock.hpp"
#include "system/stop.hpp"
#include "system/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drctl::postgres {

class Connection;

/// What a server that lets us in says of itself. What the role may not see stays empty.
struct ServerFacts {
    int version = 0; ///< `server_version_num`: 150020
    std::string version_text;
    std::optional<std::uint64_t> system_identifier;
    bool in_recovery = false; ///< a standby
    bool superuser = false;   ///< our role
    std::string data_directory;
    std::string config_file;
    std::string shared_preload_libraries;
    system::WallTime started;  ///< the postmaster
    system::WallTime up_since; ///< later than `started` if a crash of a backend restarted the rest
    [[nodiscard]] int major() const noexcept { return version / 10000; }
};

/// One look at a server and one of its databases.
struct ServerProbe {
    enum class State {
        accepting,             ///< a session in the database came about, and answered a query
        starting,              ///< starting, in crash recovery, a standby not yet consistent
        shutting_down,         ///< the same server will go away by itself
        too_many_clients,      ///< alive: no session is left for us, or for this database
        authentication_failed, ///< alive: we are not let in
        closed_database,       ///< alive: the database has ALLOW_CONNECTIONS false
        database_missing,      ///< alive: its catalogue has no such database, or its files are gone
        failing,               ///< alive, but a session or the simplest query fails: see `sqlstate`
        unresponsive,          ///< something holds the connection and does not answer
        refused,               ///< nothing listens at that address
        unreachable,           ///< we never got that far: name, network, socket's permissions
    } state = State::unreachable;
    std::string evidence; ///< one line: what was seen
    std::string hint;     ///< what to do, or empty
    std::string sqlstate; ///< of the refusal, or empty
    /// Of the server, where any of its databases let us in.
    std::optional<ServerFacts> facts;
    /// For database_missing and failing: whether pg_database has it all the same, and where its
    /// files belong. See missing_files.hpp for whether they are gone.
    bool in_catalogue = false;
    std::uint32_t oid = 0;
    std::uint32_t tablespace = 0;
};

[[nodiscard]] DRCTL_API std::string_view name_of(ServerProbe::State state) noexcept;

/// Looks once, within `timeout` for each connection. Throws only Error(interrupted), Error(usage)
/// for a target that cannot be understood, and Error(refused) where root may not become `os_user`.
[[nodiscard]] DRCTL_API ServerProbe probe_server(const Target& target, system::Duration timeout,
                                                 system::StopToken stop);

/// Throws what the connection throws.
[[nodiscard]] ServerFacts read_server_facts(Connection& connection);

} // namespace drctl::postgres
