// SPDX-License-Identifier: Apache-2.0
#include "drctl/error.hpp"
#include "postgres/database.hpp"
#include "postgres/swap.hpp"
#include "procedures/db_recover/copy_steps.hpp"
#include "procedures/db_recover/facts.hpp"
#include "service/words.hpp"
#include "system/units.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace drctl::procedures {

using engine::CheckResult;
using engine::StepContext;

std::string SwapDatabases::title() const {
    return fmt::format("give the copy the name '{}' and keep the old database",
                       target_.database().dbname);
}

CheckResult SwapDatabases::check(StepContext& context) {
    auto server = target_.connect_maintenance(context.stop());
    const auto& live = target_.database().dbname;
    const auto now = postgres::find_database(server, live);
    const auto copy = oid_of(context.facts(), fact::copy_oid);
    if (now && now == copy) {
        // Killed right behind the exchange, clients may still be paused.
        return context.facts().get(fact::swapped).value_or("").empty()
                   ? CheckResult::needed(fmt::format("'{}' is the restored database (OID {}), what "
                                                     "follows the swap is not done",
                                                     live, *now))
                   : CheckResult::satisfied(
                         fmt::format("'{}' is the restored database (OID {})", live, *now));
    }
    if (now != oid_of(context.facts(), fact::live_oid)) {
        return CheckResult::blocked(
            fmt::format("'{}' is neither the old database nor the copy (OID {})", live,
                        now.value_or(0)),
            "somebody has put another one in its place; take the run back: drctl runs undo " +
                context.run_id());
    }
    return CheckResult::needed(now ? fmt::format("'{}' is the old database (OID {})", live, *now)
                                   : fmt::format("there is no database '{}'", live));
}

void SwapDatabases::apply(StepContext& context) {
    const auto old = oid_of(context.facts(), fact::live_oid);
    const auto aside = context.facts().require(fact::aside_name);
    try {
        if (!copy_is_public(context)) {
            pause(context);
            note_end_of_writing(context);
            exchange(context, {target_.database().dbname, old, aside,
                               oid_of(context.facts(), fact::copy_oid).value_or(0)});
        }
    } catch (const Error&) {
        resume_after_failure(context);
        throw;
    }
    context.record(fact::kept_name, old ? aside : "");
    context.record(fact::kept_oid, old ? std::to_string(*old) : "");
    resume(context);
    if (old) {
        disable_kept_subscriptions(context, aside);
    }
    context.record(fact::swapped, "yes");
}

/// Before the exchange: a process that finds it made cannot tell when that was.
void SwapDatabases::note_end_of_writing(StepContext& context) {
    const auto now = std::chrono::ceil<std::chrono::seconds>(context.clock().wall());
    const auto quiet = context.facts().get(engine::fact::quiet_since).value_or("");
    context.record(engine::fact::loss_until, quiet.empty() ? system::format_rfc3339(now) : quiet);
}

bool SwapDatabases::copy_is_public(StepContext& context) const {
    auto server = target_.connect_maintenance(context.stop());
    const auto copy = oid_of(context.facts(), fact::copy_oid);
    return copy && postgres::find_database(server, target_.database().dbname) == copy;
}

void SwapDatabases::pause(StepContext& context) {
    const auto& database = target_.database();
    if (database.before_swap.empty() && database.after_swap.empty()) {
        return;
    }
    // Said first: whoever finds it knows that somebody may wait to be let go on.
    context.record(fact::paused, "yes");
    run_hooks(database.before_swap, context.stop());
}

/// Also after Ctrl-C: whom before_swap has paused must go on, whichever database is served.
void SwapDatabases::resume(StepContext& context) {
    if (context.facts().get(fact::paused).value_or("").empty()) {
        return;
    }
    run_hooks(target_.database().after_swap, system::StopToken());
    context.record(fact::paused, "");
}

/// Why the swap failed matters more than that this failed too; undoing the step tries again.
void SwapDatabases::resume_after_failure(StepContext& context) {
    try {
        resume(context);
    } catch (const Error& error) {
        context.observer().warning(error.message());
    }
}

void SwapDatabases::undo(StepContext& context, engine::UndoReason) {
    const auto copy = oid_of(context.facts(), fact::copy_oid);
    if (!copy) {
        return; // it never got as far as the swap
    }
    const auto copy_name = context.facts().require(fact::copy_name);
    try {
        take_back(context, *copy);
    } catch (const Error&) {
        resume_after_failure(context);
        throw;
    }
    context.record(engine::fact::loss_until, "");
    // Also where a dead process had got as far as the exchange, but no further.
    context.record(fact::swapped, "");
    context.record(fact::kept_name, copy_name);
    context.record(fact::kept_oid, std::to_string(*copy));
    resume(context);
}

void SwapDatabases::take_back(StepContext& context, postgres::Oid copy) {
    if (copy_is_public(context)) {
        if (target_.database().stop.empty()) {
            // Nobody was kept away: what clients have written into it since is nowhere else.
            context.record(fact::was_public, "yes");
        }
        pause(context);
        take_name_back(context, copy, context.facts().require(fact::copy_name));
    }
    // Seen, not believed: somebody may have put another database in its place.
    const auto seen = check_undo(context, engine::UndoReason::requested);
    if (seen.state != CheckResult::State::satisfied) {
        throw Error(ErrorCode::failed, fmt::format("cannot take the swap back: {}", seen.evidence),
                    seen.hint);
    }
}

void SwapDatabases::take_name_back(StepContext& context, postgres::Oid copy,
                                   const std::string& copy_name) {
    const auto& live = target_.database().dbname;
    if (const auto old = oid_of(context.facts(), fact::live_oid)) {
        return exchange(context, {live, copy, copy_name, *old});
    }
    postgres::rename_database(target_.maintenance(), copy, live, copy_name, context.stop());
}

void SwapDatabases::exchange(StepContext& context, const postgres::Swap& swap) {
    postgres::swap_databases(target_.maintenance(), swap, context.stop());
}

void SwapDatabases::run_hooks(const std::vector<config::Argv>& hooks, system::StopToken stop) {
    for (const auto& argv : hooks) {
        const auto result = target_.tools().processes->run(argv, {}, stop);
        if (!result.succeeded()) {
            throw Error(ErrorCode::failed,
                        fmt::format("cannot run '{}': it {}{}", argv.front(), result.how_it_ended(),
                                    service::last_line_after_colon(result)),
                        "try it by hand, then type the same command again");
        }
    }
}

void SwapDatabases::disable_kept_subscriptions(StepContext& context, const std::string& kept) {
    try {
        const auto names =
            postgres::disable_subscriptions(target_.maintenance(), kept, context.stop());
        if (!names.empty()) {
            context.observer().warning(fmt::format(
                "subscriptions of the kept database are disabled: {}", fmt::join(names, ", ")));
        }
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted) {
            throw;
        }
        context.observer().warning("cannot disable the subscriptions of the kept database: " +
                                   error.message());
    }
}

} // namespace drctl::procedures
