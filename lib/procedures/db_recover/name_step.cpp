// SPDX-License-Identifier: Apache-2.0
#include "postgres/database.hpp"
#include "procedures/db_recover/copy_steps.hpp"
#include "procedures/db_recover/facts.hpp"

#include <fmt/core.h>

namespace drctl::procedures {

using engine::CheckResult;
using engine::StepContext;

CheckResult NameCopy::check(StepContext& context) {
    auto server = target_.connect_maintenance(context.stop());
    const auto wanted = context.facts().require(fact::given_name);
    const auto owner = postgres::find_database(server, wanted);
    if (!owner) {
        return CheckResult::needed(fmt::format("there is no database '{}'", wanted));
    }
    if (owner != oid_of(context.facts(), fact::copy_oid)) {
        return CheckResult::blocked(
            fmt::format("there is another database '{}' (OID {})", wanted, *owner),
            "take the run back and choose another name: drctl runs undo " + context.run_id());
    }
    return CheckResult::satisfied(fmt::format("'{}' is the copy (OID {})", wanted, *owner));
}

void NameCopy::apply(StepContext& context) {
    auto server = target_.connect_maintenance(context.stop());
    const auto wanted = context.facts().require(fact::given_name);
    context.record(fact::kept_name, wanted);
    rename_copy(server, context.facts(), wanted);
}

void NameCopy::undo(StepContext& context, engine::UndoReason) {
    auto server = target_.connect_maintenance(context.stop());
    rename_copy(server, context.facts(), context.facts().require(fact::copy_name));
}

void rename_copy(postgres::Connection& server, const engine::Facts& facts, const std::string& to) {
    const auto oid = oid_of(facts, fact::copy_oid);
    const auto name = oid ? postgres::database_name(server, *oid) : std::nullopt;
    if (name && *name != to) {
        server.exec_for("rename the copy",
                        fmt::format("ALTER DATABASE {} RENAME TO {}", server.identifier(*name),
                                    server.identifier(to)));
    }
}

} // namespace drctl::procedures
