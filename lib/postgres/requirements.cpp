// SPDX-License-Identifier: Apache-2.0
#include "postgres/requirements.hpp"

namespace drctl::postgres {
namespace {

void find_missing(Connection& server, const std::set<std::string>& names, const char* kind,
                  const char* query, std::vector<std::string>& missing) {
    for (const auto& name : names) {
        if (server.exec(query, {name}).empty()) {
            missing.push_back(std::string(kind) + " " + name);
        }
    }
}

} // namespace

std::vector<std::string> missing_requirements(Connection& server, const dump::Requirements& needs) {
    std::vector<std::string> missing;
    find_missing(server, needs.roles, "role", "SELECT FROM pg_roles WHERE rolname = $1", missing);
    find_missing(server, needs.extensions, "extension",
                 "SELECT FROM pg_available_extensions WHERE name = $1", missing);
    find_missing(server, needs.tablespaces, "tablespace",
                 "SELECT FROM pg_tablespace WHERE spcname = $1", missing);
    find_missing(server, needs.collations, "collation",
                 "SELECT FROM pg_collation WHERE collname = $1", missing);
    return missing;
}

} // namespace drctl::postgres
