// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/work_session.hpp"

#include <fmt/core.h>

namespace drctl::postgres::restore {
namespace {

constexpr std::string_view unknown_parameter = "42704"; // undefined_object

Connection open(const Target& database, system::StopToken stop) {
    Session session;
    // Nothing of ours waits for a lock of ours; what others hold is waited for until stopped.
    session.lock_timeout = system::Duration(0);
    session.idle_in_transaction_timeout = system::Duration(0);
    // A fresh psql's session: the dump says what it needs.
    session.search_path.reset();
    return Connection::open(database, session, stop);
}

void tune(Connection& connection, const Tuning& tuning) {
    Parameters values;
    std::string list;
    for (const auto& [name, value] : parameters_of(tuning)) {
        values.emplace_back(name);
        values.emplace_back(value);
        list +=
            fmt::format("{}(${}, ${})", list.empty() ? "" : ", ", values.size() - 1, values.size());
    }
    // What a server does not know, or does not let this role set, it goes without.
    connection.exec_for("prepare a session for the restore",
                        fmt::format("SELECT pg_catalog.set_config(s.name, wanted.value, false) "
                                    "FROM (VALUES {}) AS wanted(name, value) "
                                    "JOIN pg_catalog.pg_settings s ON s.name = wanted.name "
                                    "WHERE s.context = 'user' OR s.context = 'superuser' AND "
                                    "pg_catalog.current_setting('is_superuser') = 'on'",
                                    list),
                        values);
}

} // namespace

WorkSession::WorkSession(const Target& database, const Tuning& tuning, system::StopToken stop)
    : connection_(open(database, stop)) {
    tune(connection_, tuning);
}

void WorkSession::adopt(const std::shared_ptr<const SettingList>& settings) {
    if (adopted_ == settings) {
        return;
    }
    for (const auto& change : changes_between(*adopted_, *settings)) {
        try {
            connection_.exec_for("replay the settings of the dump", change);
        } catch (const Error& error) {
            if (error.context_value("sqlstate") != unknown_parameter) {
                throw;
            }
        }
    }
    adopted_ = settings;
}

void WorkSession::set_helpers(unsigned helpers) {
    if (helpers_ != helpers) {
        connection_.exec_for("allow parallel index builds",
                             fmt::format("SET max_parallel_maintenance_workers = {}", helpers));
        helpers_ = helpers;
    }
}

} // namespace drctl::postgres::restore
