// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/types.hpp"
#include "postgres/connection.hpp"
#include "postgres/server.hpp"
#include "procedures/service_steps.hpp"
#include "procedures/toolbox.hpp"

#include <memory>
#include <string>
#include <vector>

namespace drctl::procedures {

/// A configured database with everything that procedures do with it. Cheap to copy.
class DbTarget {
  public:
    /// Reads the password, if one is configured: throws what read_secret() throws.
    DbTarget(config::Config configuration, const std::string& name, const Toolbox& tools,
             system::StopToken stop);

    [[nodiscard]] const config::Database& database() const noexcept { return database_; }
    [[nodiscard]] const Toolbox& tools() const noexcept { return tools_; }

    /// The database itself; with_dbname() leads to its neighbours.
    [[nodiscard]] const postgres::Target& live() const noexcept { return live_; }
    /// The database from which others are made, dropped and renamed: `postgres`, or `template1`
    /// once connect_maintenance() has found that somebody has dropped that.
    [[nodiscard]] const postgres::Target& maintenance() const noexcept { return maintenance_; }
    [[nodiscard]] postgres::Connection connect_maintenance(system::StopToken stop) const;
    [[nodiscard]] postgres::ServerProbe probe(system::StopToken stop) const;

    /// What is stopped during a restore, in that order.
    [[nodiscard]] Services services() const;
    /// The PostgreSQL server itself; null if it is not configured.
    [[nodiscard]] std::unique_ptr<service::Service> server() const;
    /// What must be healthy at the end.
    [[nodiscard]] HealthChecks health() const;
    /// Parallel sessions: `asked`, else as configured, else one per core.
    [[nodiscard]] unsigned jobs(unsigned asked) const;

  private:
    config::Config configuration_;
    config::Database database_;
    Toolbox tools_;
    postgres::Target live_;
    mutable postgres::Target maintenance_; ///< see connect_maintenance()
};

/// Where services are held down: `<state>/held/<boot>` for those of the command manager.
[[nodiscard]] service::Places places_of(const Toolbox& tools);

/// What health checks look with, databases of the configuration included.
[[nodiscard]] health::Tools health_tools(const config::Config& configuration, const Toolbox& tools);

} // namespace drctl::procedures
