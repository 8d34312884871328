// SPDX-License-Identifier: Apache-2.0
#include "postgres/server.hpp"

#include "postgres/connect_failure.hpp"
#include "postgres/connecting.hpp"
#include "postgres/connection.hpp"
#include "postgres/sqlstate.hpp"

#include <fmt/core.h>

#include <array>
#include <charconv>

namespace drctl::postgres {
namespace {

using State = ServerProbe::State;

constexpr std::array state_names{
    std::pair{State::accepting, std::string_view("accepting")},
    std::pair{State::starting, std::string_view("starting")},
    std::pair{State::shutting_down, std::string_view("shutting-down")},
    std::pair{State::too_many_clients, std::string_view("too-many-clients")},
    std::pair{State::authentication_failed, std::string_view("authentication-failed")},
    std::pair{State::closed_database, std::string_view("closed-database")},
    std::pair{State::database_missing, std::string_view("database-missing")},
    std::pair{State::failing, std::string_view("failing")},
    std::pair{State::unresponsive, std::string_view("unresponsive")},
    std::pair{State::refused, std::string_view("refused")},
    std::pair{State::unreachable, std::string_view("unreachable")},
};

State state_of_sqlstate(std::string_view sqlstate, std::string_view words) {
    if (sqlstate == "57P03") {
        // One SQLSTATE for both directions; only the words differ. Taking a translated
        // "shutting down" for "starting" means one more look, and then nothing listens.
        return words.find("shutting down") != std::string_view::npos ? State::shutting_down
                                                                     : State::starting;
    }
    if (sqlstate == "57P01" || sqlstate == "57P02") {
        return State::shutting_down;
    }
    if (sqlstate == "53300") {
        return State::too_many_clients;
    }
    if (sqlstate.starts_with("28")) {
        return State::authentication_failed;
    }
    if (sqlstate == "55000") {
        return State::closed_database;
    }
    return sqlstate == "3D000" ? State::database_missing : State::failing;
}

State state_of(const Error& error) {
    if (error.code() == ErrorCode::timed_out) {
        return State::unresponsive;
    }
    switch (connect_failure_kind(error).value_or(ConnectFailure::Kind::sql)) {
    case ConnectFailure::Kind::sql:
        return state_of_sqlstate(error.context_value("sqlstate"),
                                 error.context_value("server_says"));
    case ConnectFailure::Kind::refused:
        return State::refused;
    case ConnectFailure::Kind::authentication:
        return State::authentication_failed;
    case ConnectFailure::Kind::unresponsive:
        return State::unresponsive;
    case ConnectFailure::Kind::closed:
        // A postmaster that is just going away, or was killed, drops connections unanswered.
        return State::shutting_down;
    case ConnectFailure::Kind::forbidden:
    case ConnectFailure::Kind::unresolved:
    case ConnectFailure::Kind::unreachable:
    case ConnectFailure::Kind::other:
        break;
    }
    return State::unreachable;
}

/// What we are not allowed before any server is asked.
bool is_refused_to_us(const Error& error) {
    return error.code() == ErrorCode::refused && error.context_value("connection").empty() &&
           error.context_value("sqlstate").empty();
}

std::string hint_of(State state, const Error& error, const Target& target) {
    switch (state) {
    case State::authentication_failed:
        if (is_outsider(target)) {
            return fmt::format("run the same command by sudo, or as '{}', whom the server may let "
                               "in",
                               target.os_user);
        }
        return "the server is alive: check user, password and pg_hba.conf";
    case State::too_many_clients:
        return "the server is alive: end idle sessions, or raise max_connections";
    case State::closed_database:
        if (error.context_value("server_says").find("invalid database") != std::string::npos) {
            return "a DROP DATABASE was interrupted, and what it left cannot be used: finish it "
                   "with DROP DATABASE, then type the same command again";
        }
        return "the server is alive: ALTER DATABASE … ALLOW_CONNECTIONS true";
    default:
        return error.hint();
    }
}

Session session_for(system::Duration timeout) {
    Session session;
    session.connect_timeout = timeout;
    session.statement_timeout = timeout;
    return session;
}

/// `1700000000.123456` seconds of the epoch.
system::WallTime time_of(const Result& result, int column) {
    const auto text = result.text(0, column);
    double seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return system::WallTime(std::chrono::duration_cast<system::WallTime::duration>(
        std::chrono::duration<double>(seconds)));
}

std::string setting(const Result& settings, std::string_view name) {
    for (int row = 0; row < settings.rows(); ++row) {
        if (settings.text(row, 0) == name) {
            return settings.string(row, 1);
        }
    }
    return {};
}

/// Whether the catalogue has the database, asked in another one of the same server. Its indexes may
/// be what is damaged.
void look_elsewhere(ServerProbe& probe, const Target& target, Session session,
                    system::StopToken stop) {
    session.ignore_system_indexes = true;
    for (const auto* other : {"postgres", "template1"}) {
        try {
            auto connection = Connection::open(target.with_dbname(other), session, stop);
            probe.facts = read_server_facts(connection);
            const auto row = connection.exec(
                "SELECT oid, dattablespace FROM pg_database WHERE datname = $1", {target.dbname});
            probe.in_catalogue = !row.empty();
            if (!probe.in_catalogue) {
                probe.evidence += " (pg_database has no such row)";
                return;
            }
            probe.oid = row.oid(0, 0);
            probe.tablespace = row.oid(0, 1);
            if (probe.state == State::database_missing) {
                probe.evidence += " (pg_database has it)";
            }
            return;
        } catch (const Error& error) {
            if (error.code() == ErrorCode::interrupted) {
                throw;
            }
        }
    }
}

} // namespace

std::string_view name_of(State state) noexcept {
    for (const auto& [each, name] : state_names) {
        if (each == state) {
            return name;
        }
    }
    return "unknown";
}

ServerFacts read_server_facts(Connection& connection) {
    ServerFacts facts;
    facts.version = connection.server_version();
    facts.version_text = connection.parameter("server_version");
    // The checkpointer is started anew when the crash of a backend made the postmaster restart
    // everything else; its start is hidden from roles that may not read statistics.
    const auto times = connection.exec(
        "SELECT extract(epoch FROM pg_postmaster_start_time()),"
        " extract(epoch FROM coalesce((SELECT max(backend_start) FROM pg_stat_activity"
        "  WHERE backend_type = 'checkpointer'), pg_postmaster_start_time())),"
        " pg_is_in_recovery(), (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)");
    facts.started = time_of(times, 0);
    facts.up_since = time_of(times, 1);
    facts.in_recovery = times.boolean(0, 2);
    facts.superuser = times.boolean(0, 3);
    const auto settings =
        connection.exec("SELECT name, setting FROM pg_settings WHERE name IN ('data_directory',"
                        " 'config_file', 'shared_preload_libraries')");
    facts.data_directory = setting(settings, "data_directory");
    facts.config_file = setting(settings, "config_file");
    facts.shared_preload_libraries = setting(settings, "shared_preload_libraries");
    const auto may_read = connection.exec(
        "SELECT has_function_privilege('pg_catalog.pg_control_system()', 'execute')");
    if (may_read.boolean(0, 0)) {
        facts.system_identifier = static_cast<std::uint64_t>(
            connection.exec("SELECT system_identifier FROM pg_control_system()").integer(0, 0));
    }
    return facts;
}

ServerProbe probe_server(const Target& target, system::Duration timeout, system::StopToken stop) {
    const auto session = session_for(timeout);
    ServerProbe probe;
    try {
        auto connection = Connection::open(target, session, stop);
        probe.facts = read_server_facts(connection);
        probe.state = State::accepting;
        probe.evidence = fmt::format("PostgreSQL {} accepts connections to '{}'",
                                     probe.facts->version_text, target.dbname);
        return probe;
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted || error.code() == ErrorCode::usage ||
            error.code() == ErrorCode::bug || is_refused_to_us(error)) {
            throw;
        }
        probe.state = state_of(error);
        probe.evidence = error.context_value("server_says");
        probe.hint = hint_of(probe.state, error, target);
        probe.sqlstate = error.context_value("sqlstate");
        if (probe.evidence.empty()) {
            probe.evidence = error.message();
        }
    }
    if (probe.state == State::database_missing || probe.state == State::failing) {
        look_elsewhere(probe, target, session, stop);
    }
    return probe;
}

} // namespace drctl::postgres
