// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/copy_steps.hpp"

#include "drctl/error.hpp"
#include "postgres/verify.hpp"
#include "procedures/db_recover/facts.hpp"

#include <fmt/core.h>
#include <map>
#include <set>

namespace drctl::procedures {
namespace {

using engine::CheckResult;
using engine::StepContext;

/// Rows by table; in words where they cannot be counted.
std::map<std::string, std::string> count_rows(const postgres::Target& database,
                                              system::StopToken stop) {
    auto connection = postgres::open_table_reader(database, stop);
    const auto tables = connection.exec(
        "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' "
        "AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'");
    std::map<std::string, std::string> rows;
    for (int row = 0; row < tables.rows(); ++row) {
        const auto table = tables.string(row, 0);
        try {
            rows[table] = connection.exec("SELECT pg_catalog.count(t) FROM ONLY " + table + " t")
                              .string(0, 0);
        } catch (const Error& error) {
            if (error.context_value("sqlstate").empty()) {
                throw;
            }
            rows[table] = "cannot be read (" + error.context_value("sqlstate") + ")";
        }
    }
    return rows;
}

std::string cell(const std::map<std::string, std::string>& rows, const std::string& table) {
    const auto found = rows.find(table);
    return found == rows.end() ? "no such table" : found->second;
}

} // namespace

CheckResult CompareWithLive::check(StepContext&) {
    return evidence_.empty() ? CheckResult::needed("not counted by this process")
                             : CheckResult::satisfied(evidence_);
}

/// None where the live database cannot be entered: that is what the copy may be made for.
std::map<std::string, std::string> CompareWithLive::count_live_rows(system::StopToken stop) const {
    if (target_.probe(stop).state != postgres::ServerProbe::State::accepting) {
        return {};
    }
    return count_rows(target_.live(), stop);
}

void CompareWithLive::apply(StepContext& context) {
    const auto copy_name = context.facts().require(fact::copy_name);
    const auto live = count_live_rows(context.stop());
    const auto copy = count_rows(target_.live().with_dbname(copy_name), context.stop());
    std::set<std::string> tables;
    for (const auto* rows : {&live, &copy}) {
        for (const auto& [table, count] : *rows) {
            tables.insert(table);
        }
    }
    for (const auto& table : tables) {
        evidence_ += fmt::format("{}{}: live {}, copy {}", evidence_.empty() ? "" : "; ", table,
                                 cell(live, table), cell(copy, table));
    }
    evidence_ = fmt::format("copy '{}': {}", copy_name, evidence_);
}

} // namespace drctl::procedures
