// SPDX-License-Identifier: Apache-2.0
#include "postgres/database.hpp"
#include "procedures/db_recover/copy_steps.hpp"
#include "procedures/db_recover/facts.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace drctl::procedures {

using engine::CheckResult;

/// True if the old database was moved aside, also by a process that could not say so any more.
bool SwapDatabases::exchanged(engine::StepContext& context, postgres::Connection& server) const {
    const auto old = oid_of(context.facts(), fact::live_oid);
    const bool said = !context.facts().get(fact::swapped).value_or("").empty();
    return said || (old && postgres::database_name(server, *old) ==
                               context.facts().require(fact::aside_name));
}

/// Somebody has dropped or replaced the restored database since.
CheckResult SwapDatabases::neither(engine::StepContext& context,
                                   std::optional<postgres::Oid> now) const {
    const auto& live = target_.database().dbname;
    const auto kept = context.facts().get(fact::kept_name).value_or("");
    return CheckResult::blocked(
        now ? fmt::format("'{}' is neither the restored nor the old database (OID {})", live, *now)
            : fmt::format("there is no database '{}' any more", live),
        kept.empty()
            ? fmt::format("there is nothing to go back to: before the run there was no '{}'", live)
            : fmt::format("what was replaced is kept as '{0}'; where that is to be served, give it "
                          "the name by hand: ALTER DATABASE \"{0}\" RENAME TO \"{1}\"",
                          kept, live));
}

/// What undo() would stumble over once services are down: a kept database that is gone, a name that
/// is taken, a transaction that keeps a database from being renamed.
CheckResult SwapDatabases::check_undo(engine::StepContext& context, engine::UndoReason) {
    const auto& live = target_.database().dbname;
    const auto copy = oid_of(context.facts(), fact::copy_oid);
    const auto old = oid_of(context.facts(), fact::live_oid);
    auto server = target_.connect_maintenance(context.stop());
    const auto now = postgres::find_database(server, live);
    if (!copy || now != copy) {
        return now == old || !exchanged(context, server)
                   ? CheckResult::satisfied(fmt::format("'{}' is not the restored database", live))
                   : neither(context, now);
    }
    if (old && !postgres::database_name(server, *old)) {
        return CheckResult::blocked(
            fmt::format("the old database (OID {}) is gone, somebody has dropped it", *old),
            fmt::format("there is nothing to go back to but a backup: drctl db-recover {} "
                        "--restore-anyway",
                        target_.database().name));
    }
    const auto& aside = context.facts().require(fact::copy_name);
    if (postgres::find_database(server, aside)) {
        return CheckResult::blocked(
            fmt::format("there is a database '{}', the name that '{}' would get", aside, live),
            "rename or drop that one, then type the same command again");
    }
    for (const auto oid : {copy, old}) {
        const auto prepared =
            oid ? postgres::prepared_transactions(server, *oid) : std::vector<std::string>{};
        if (!prepared.empty()) {
            return CheckResult::blocked(
                fmt::format("'{}' has prepared transactions: {}",
                            postgres::database_name(server, *oid).value_or(""),
                            fmt::join(prepared, ", ")),
                "commit or roll them back in that database: ROLLBACK PREPARED '…'");
        }
    }
    return CheckResult::needed(fmt::format("'{}' is the restored database (OID {})", live, *copy));
}

} // namespace drctl::procedures
