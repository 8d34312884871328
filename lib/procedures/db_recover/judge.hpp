// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/types.hpp"
#include "engine/plan.hpp"
#include "engine/procedure.hpp"
#include "postgres/causes.hpp"
#include "postgres/managers.hpp"
#include "postgres/server.hpp"
#include "procedures/db_recover/options.hpp"

#include <optional>
#include <string>
#include <vector>

namespace drctl::procedures {

/// The rungs of db-recover, lowest first, as journals and reports name them.
namespace rung {
inline constexpr const char* wait = "wait-for-server";
inline constexpr const char* start = "start-server";
inline constexpr const char* restore_database = "restore-database";
inline constexpr const char* beside = "restore-beside";
inline constexpr const char* swap_copy = "swap-copy";
} // namespace rung

/// Everything one look at a database found. Judged by judge(), gathered by look_at().
struct Sight {
    postgres::ServerProbe probe;
    std::optional<postgres::Cause> obstacle; ///< seen on the disk: a start would be no good
    std::optional<postgres::Manager> manager;
    std::optional<postgres::Cause> server_mismatch; ///< this server is not the one of data_dir
    std::optional<postgres::Cause> cannot_start;    ///< why an earlier rung could not start it
    std::optional<postgres::Cause> finding;  ///< the first thing that verification found wrong
    std::vector<postgres::Cause> also_found; ///< the others, where all of them were asked for
    std::vector<std::string> verified;       ///< what it found good, a line each
    std::optional<std::string> unhealthy;    ///< the first of `health` that did not pass
    bool health_seen = false;                ///< all of `health` was asked, by this run
    bool restarted_lately = false;           ///< within the last ten minutes
    bool every_row_read = false;
};

/// The ladder: what follows from a sight. Pure; the table is in docs/commands/db-recover.md.
[[nodiscard]] engine::Assessment judge(const Sight& sight, const config::Database& database,
                                       const DbRecoverOptions& options,
                                       const std::vector<engine::RungResult>& history);

/// What "healthy" does not cover after such a look.
[[nodiscard]] std::vector<std::string> not_looked_at(const Sight& sight,
                                                     const config::Database& database);

} // namespace drctl::procedures
