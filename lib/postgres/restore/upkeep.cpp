// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/upkeep.hpp"

#include <memory>
#include <string>

namespace drctl::postgres::restore {
namespace {

void run_on(WorkSession& session, std::uint32_t table, const char* purpose, const char* command) {
    // As ourselves: who owns the table may not be allowed to, and a warning is all one would get.
    session.adopt(std::make_shared<const SettingList>());
    auto& connection = session.connection();
    // The name comes and goes as the server keeps it, which need not be text in any encoding.
    connection.exec("SET client_encoding = " +
                    connection.literal(connection.parameter("server_encoding")));
    const auto name = connection.exec_for(purpose, "SELECT $1::pg_catalog.oid::pg_catalog.regclass",
                                          {std::to_string(table)});
    connection.exec_for(purpose, command + name.string(0, 0));
    connection.exec("SET client_encoding = 'UTF8'");
}

} // namespace

void vacuum(WorkSession& session, std::uint32_t table) {
    run_on(session, table, "vacuum a table", "VACUUM (TRUNCATE false, INDEX_CLEANUP off) ");
}

void analyze(WorkSession& session, std::uint32_t table) {
    run_on(session, table, "analyze a table", "ANALYZE ");
}

} // namespace drctl::postgres::restore
