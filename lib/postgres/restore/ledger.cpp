// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/ledger.hpp"

#include "postgres/dump/name.hpp"
#include "postgres/restore/failure.hpp"

#include <algorithm>
#include <array>
#include <fmt/core.h>
#include <string_view>
#include <utility>

namespace drctl::postgres::restore {
namespace {

/// Classes of errors that a DROP of what is not there can meet: no such database or schema, no such
/// object or the wrong kind of it, others depend on it, not in the state for it.
bool says_not_there(std::string_view sqlstate) {
    constexpr std::array<std::string_view, 6> classes{"0A", "2B", "3D", "3F", "42", "55"};
    return std::any_of(classes.begin(), classes.end(),
                       [&](std::string_view each) { return sqlstate.starts_with(each); });
}

std::string_view reason_for(Tolerated::Why why) {
    switch (why) {
    case Tolerated::Why::clean_drop:
        return "there is nothing that could be dropped";
    case Tolerated::Why::role_exists:
        return "there is such a role";
    case Tolerated::Why::schema_exists:
        return "there is such a schema";
    case Tolerated::Why::unknown_setting:
        break;
    }
    return "this server does not know the parameter";
}

} // namespace

std::optional<Tolerated::Why> why_tolerated(const dump::Statement& statement, const Error& error) {
    const auto sqlstate = error.context_value("sqlstate");
    if (error.context_value("connection") == "lost") {
        return std::nullopt;
    }
    if (statement.section == dump::Section::clean && says_not_there(sqlstate)) {
        return Tolerated::Why::clean_drop;
    }
    if (statement.kind == dump::StatementKind::set && sqlstate == "42704") {
        return Tolerated::Why::unknown_setting;
    }
    if (statement.kind == dump::StatementKind::create_role && sqlstate == "42710") {
        return Tolerated::Why::role_exists;
    }
    // Of `pg_dump --schema=public`; every database begins with one.
    if (statement.kind == dump::StatementKind::create_schema && sqlstate == "42P06" &&
        dump::unquote_identifier(statement.object) == "public") {
        return Tolerated::Why::schema_exists;
    }
    return std::nullopt;
}

std::vector<std::string> in_words(const std::vector<Tolerated>& tolerated) {
    constexpr std::size_t most = 5;
    std::vector<std::string> words;
    for (const auto& one : tolerated) {
        if (words.size() == most) {
            words.push_back(fmt::format("and {} more", tolerated.size() - most));
            break;
        }
        words.push_back(fmt::format("line {} ({}): {}", one.line, one.what, reason_for(one.why)));
    }
    return words;
}

Ledger::Table Ledger::open_table(const std::string& written, std::uint64_t line, bool partitioned) {
    const std::lock_guard guard(mutex_);
    const auto [known, added] = tables_.emplace(written, result_.tables.size());
    if (added) {
        result_.tables.push_back({written, line, 0, partitioned});
    }
    return known->second;
}

void Ledger::add_rows(Table table, std::uint64_t rows) {
    const std::lock_guard guard(mutex_);
    result_.tables.at(table).rows += rows;
    result_.rows += rows;
}

void Ledger::tolerate(Tolerated::Why why, const dump::Statement& statement, const Error& error) {
    const std::lock_guard guard(mutex_);
    result_.tolerated.push_back(
        {why, statement.line, describe(statement), error.context_value("sqlstate")});
}

void Ledger::add_subscription(const std::string& name) {
    const std::lock_guard guard(mutex_);
    result_.subscriptions.push_back(name);
}

RestoreResult Ledger::result(std::string digest) {
    const std::lock_guard guard(mutex_);
    result_.digest = std::move(digest);
    return std::move(result_);
}

} // namespace drctl::postgres::restore
