// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/run_store.hpp"
#include "postgres/database.hpp"
#include "procedures/backup_review.hpp"
#include "procedures/db_recover/judge.hpp"
#include "procedures/status/status.hpp"

#include <map>

/// The looks that a status is made of. Each is fit for a thread of its own.
namespace drctl::procedures {

/// What db-recover would say of a database after this look, in the words of a status. Pure.
[[nodiscard]] StatusItem status_of(Sight sight, const config::Database& database);

/// The same for an account that is neither root nor the server's, and so is not let in or sees
/// less: only that a server is down, and damage, count as seen. Pure.
[[nodiscard]] StatusItem status_for_outsiders(Sight sight, const config::Database& database);

/// What is known of its backups: is there one that is not rejected, and is it young enough?
/// Pure.
[[nodiscard]] StatusItem status_of(const std::vector<ReviewedBackup>& newest_first,
                                   const config::Database& database, system::WallTime now);

struct DatabaseLook {
    StatusItem item;
    std::vector<postgres::DatabaseSize> made_by_runs; ///< on its server, as far as that says
};
[[nodiscard]] DatabaseLook look_at_database(config::Config configuration, const std::string& name,
                                            const Toolbox& tools, system::StopToken stop);
[[nodiscard]] StatusItem look_at_backups(const config::Database& database, const Toolbox& tools,
                                         system::StopToken stop);
[[nodiscard]] StatusItem look_at_service(const config::Config& configuration,
                                         const config::Service& service, const Toolbox& tools,
                                         system::StopToken stop);
[[nodiscard]] StatusItem look_at_health(const config::Config& configuration,
                                        const config::Health& health, const Toolbox& tools,
                                        system::StopToken stop);

/// Runs that have not ended, holds, and what runs have kept.
struct RunsLook {
    struct Copy {
        std::string name;
        std::string run;
        std::optional<system::WallTime> started;
        bool kept = false; ///< false: a run that has not ended is making it
    };
    StatusItems items;
    std::map<postgres::Oid, Copy> copies;
};
[[nodiscard]] RunsLook look_at_runs(const Toolbox& tools);

/// Databases that runs have made: what the journals know, with the sizes that servers tell, and
/// what only servers know.
[[nodiscard]] StatusItems kept_databases(const RunsLook& runs,
                                         const std::vector<DatabaseLook>& looks);

} // namespace drctl::procedures
