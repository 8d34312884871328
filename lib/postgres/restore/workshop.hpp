// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/restore/crew.hpp"
#include "postgres/restore/job_maker.hpp"
#include "postgres/restore/ledger.hpp"
#include "postgres/restore/monitor.hpp"
#include "postgres/restore/row_stream.hpp"
#include "postgres/restore/session_settings.hpp"

#include <cstddef>

namespace drctl::postgres::restore {

/// What the parts of one restore work with. JobMaker and settings belong to the reader's thread;
/// everything else is safe for all.
struct Workshop {
    Workshop(const Target& database, const dump::Outline& outline, const Tuning& tuned,
             system::StopToken stop)
        : tuning(tuned), monitor(stop), backlog(monitor, backlog_limit), jobs(outline),
          crew(monitor, database, tuned) {}

    /// With what the reader holds itself this keeps drctl below 96 MiB.
    static constexpr std::size_t backlog_limit = std::size_t{32} << 20;

    const Tuning tuning;
    Monitor monitor;
    Backlog backlog;
    Ledger ledger;
    JobMaker jobs;
    SettingTrail settings;
    Crew crew; ///< last: its threads end before anything that they use does
};

/// Runs a statement of the dump. An error names the line, the kind and the object, unless it is
/// one that is tolerated.
void run_statement(Connection& connection, Ledger& ledger, const dump::Statement& statement);

} // namespace drctl::postgres::restore
