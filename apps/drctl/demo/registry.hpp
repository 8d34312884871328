// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "demo/server.hpp"
#include "system/clock.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace drctl::app::demo {

/// The database of the demo.
inline constexpr const char* registry_name = "dao_registry";

/// What a table holds, comparable: rows, and a digest over all of them.
struct TableState {
    std::string table;
    std::string rows;
    std::string digest;
    friend bool operator==(const TableState&, const TableState&) = default;
};

/// A small DAO registry: daos, their members, proposals, votes.
void create_registry(Server& server);
/// What users do between two backups.
void use_registry(Server& server);
[[nodiscard]] std::vector<TableState> state_of(Server& server);

/// A plain dump by pg_dump, compressed, named and dated as of `taken`.
[[nodiscard]] fs::path dump_registry(Server& server, const fs::path& directory,
                                     system::WallTime taken);
/// Cuts the file off in the middle, as a full disk or a lost connection leaves it.
void truncate_dump(const fs::path& dump);

/// Overwrites bytes in the middle of the file of `daos` while the server is down, and starts it
/// again. Returns the file, relative to the data directory. Its primary key stays intact, so that
/// count(*) goes on to be answered.
std::string damage_registry(Server& server);

} // namespace drctl::app::demo
