// SPDX-License-Identifier: Apache-2.0
#include "postgres/verify.hpp"

#include <charconv>
#include <cmath>
#include <fmt/core.h>

namespace drctl::postgres {
namespace {

using config::Verify;

constexpr const char* undefined_table = "42P01";

Cause not_judged(std::string words, std::string hint) {
    auto cause = make_cause(Cause::Kind::unknown, std::move(words));
    cause.hint = std::move(hint);
    return cause;
}

std::string bounds_of(const Verify& query) {
    std::string text;
    auto add = [&](std::string_view words, const std::string& value) {
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", words, value);
    };
    if (query.min) {
        add("at least", std::to_string(*query.min));
    }
    if (query.max) {
        add("at most", std::to_string(*query.max));
    }
    if (query.equals) {
        add("exactly", *query.equals);
    }
    return text;
}

std::string what_holds(const Verify& query) {
    const auto bounds = bounds_of(query);
    return bounds.empty() ? query.name + ": runs" : fmt::format("{}: {}", query.name, bounds);
}

/// A number as SQL writes it; long double holds every bigint and, near enough, every fraction.
/// NaN is none: it compares with nothing, and would hold every bound.
std::optional<long double> as_number(std::string_view text) {
    long double value = 0;
    const auto* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    const bool whole = result.ec == std::errc() && result.ptr == end;
    return whole && !std::isnan(value) ? std::optional(value) : std::nullopt;
}

/// Judges the answer of one query; nothing: it holds.
std::optional<Cause> judge_answer(const Verify& query, const Result& rows) {
    const auto name = "verification '" + query.name + "'";
    if (rows.empty() || rows.columns() == 0) {
        return not_judged(name + " returned no row",
                          "write it so that it always returns one, for example SELECT count(t) "
                          "FROM table t");
    }
    const auto value = rows.optional_string(0, 0);
    if (query.equals && value != query.equals) {
        // What it is may be row data, which must not get into reports.
        return make_lost_rows(
            fmt::format("{}: got something else than exactly {}", name, *query.equals));
    }
    if (!query.min && !query.max) {
        return std::nullopt;
    }
    const auto number = value ? as_number(*value) : std::nullopt;
    if (!number) {
        return not_judged(name + " returned something that is no number",
                          "its first column is compared with min and max");
    }
    const auto bound = [](std::int64_t limit) { return static_cast<long double>(limit); };
    if ((query.min && *number < bound(*query.min)) || (query.max && *number > bound(*query.max))) {
        return make_lost_rows(
            fmt::format("{}: got {}, expected {}", name, *value, bounds_of(query)));
    }
    return std::nullopt;
}

/// The name in `relation "s.x" does not exist`; nothing for the other mistakes that have this
/// SQLSTATE (`missing FROM-clause entry for table "x"`), which are the query's own.
std::optional<std::string> missing_relation(const Error& error) {
    const auto says = error.context_value("server_says");
    constexpr std::string_view before = "relation \"";
    constexpr std::string_view after = "\" does not exist";
    const auto begin = says.find(before);
    if (begin == std::string::npos || !says.ends_with(after)) {
        return std::nullopt;
    }
    return says.substr(begin + before.size(), says.size() - begin - before.size() - after.size());
}

/// Whether a relation that the planner cannot find is really gone.
Cause judge_missing_relation(Connection& connection, const Verify& query, const Error& error) {
    const auto relation = missing_relation(error);
    if (!relation) {
        return not_judged(error.message(), "correct the verification query");
    }
    const auto name = relation->substr(relation->rfind('.') + 1);
    const auto rows = connection.exec(
        "SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
        "ON n.oid = c.relnamespace WHERE c.relname = $1",
        {name});
    if (rows.empty()) {
        auto cause = make_lost_rows(fmt::format(
            "verification '{}': relation '{}' is gone from the catalogue", query.name, name));
        cause.relation = *relation;
        return cause;
    }
    return not_judged(fmt::format("verification '{}' cannot see '{}', which is in schema '{}'",
                                  query.name, name, rows.string(0, 0)),
                      "write the name with its schema, or check the role's search_path");
}

/// Runs one query as the session's role, which is what `who` says, and judges the answer.
std::optional<Cause> run_query(Connection& connection, const Verify& query,
                               const std::string& who) {
    try {
        return judge_answer(
            query, connection.exec_for("run verification '" + query.name + "'" + who, query.sql));
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted || error.context_value("sqlstate").empty()) {
            throw;
        }
        if (error.context_value("sqlstate") == undefined_table) {
            return judge_missing_relation(connection, query, error);
        }
        auto cause = classify(error);
        cause.words = fmt::format("verification '{}'{}: {}", query.name, who, cause.words);
        return cause;
    }
}

std::optional<Cause> run_query_as(Connection& connection, const Verify& query,
                                  const std::string& role, const std::string& who) {
    connection.exec_for("act as role " + role, "SET ROLE " + role);
    auto wrong = run_query(connection, query, who);
    connection.exec("RESET ROLE");
    return wrong;
}

/// Whether it is the answer that proves damage, not an error of the server.
bool is_of_the_answer(const Cause& cause) {
    return cause.is_damage() && cause.sqlstate.empty();
}

Cause sees_other_rows(const std::string& role, const Cause& wrong) {
    return not_judged(fmt::format("role '{}' sees other rows than the one that drctl connects as: "
                                  "{}",
                                  role, wrong.words),
                      "no row is lost by that; look at the policies of row-level security, or "
                      "correct the role or the bounds of the query");
}

/// `ALTER DATABASE … SET role` may have made the session another role, from which rows are hidden.
Cause confirm_as_login(Connection& connection, const Verify& query, Cause wrong) {
    const auto role = connection.exec("SELECT current_user WHERE current_user <> session_user");
    if (role.empty()) {
        return wrong;
    }
    auto again = run_query_as(connection, query, "NONE", "");
    return again ? *again : sees_other_rows(role.string(0, 0), wrong);
}

/// As ourselves, and where the query names a role also as that role: what only the application
/// may not read is a lost privilege, and rows that only it does not see are not lost.
std::optional<Cause> run_query(Connection& connection, const Verify& query) {
    auto wrong = run_query(connection, query, "");
    if (wrong && is_of_the_answer(*wrong)) {
        return confirm_as_login(connection, query, std::move(*wrong));
    }
    if (!wrong && query.role) {
        wrong = run_query_as(connection, query, connection.identifier(*query.role),
                             " as role '" + *query.role + "'");
        if (wrong && is_of_the_answer(*wrong)) {
            return sees_other_rows(*query.role, *wrong);
        }
    }
    return wrong;
}

/// How much a cause decides: what cannot be judged, what loses nothing, what loses rows.
int weight(const Cause& cause) {
    switch (cause.scope) {
    case DamageScope::none:
        return 0;
    case DamageScope::index:
        return 1;
    case DamageScope::database:
    case DamageScope::cluster:
        break;
    }
    return 2;
}

/// The search path stays what role and database say: the user's names mean the user's tables.
Connection open_reader(const Target& database, bool own_role, system::StopToken stop) {
    Session session;
    session.search_path = std::nullopt;
    session.own_role = own_role;
    auto connection = Connection::open(database, session, stop);
    connection.exec("SET enable_indexscan = off; SET enable_indexonlyscan = off; "
                    "SET enable_bitmapscan = off; SET default_transaction_read_only = on");
    return connection;
}

} // namespace

bool Verification::decided() const noexcept {
    return wrong && weight(*wrong) == 2;
}

void Verification::add(Verification other) {
    good.insert(good.end(), other.good.begin(), other.good.end());
    if (other.wrong) {
        add(std::move(*other.wrong));
    }
    for (auto& cause : other.also_wrong) {
        add(std::move(cause));
    }
}

void Verification::add(Cause cause) {
    if (wrong && weight(cause) > weight(*wrong)) {
        std::swap(*wrong, cause);
    }
    if (wrong) {
        also_wrong.push_back(std::move(cause));
    } else {
        wrong = std::move(cause);
    }
}

Connection open_table_reader(const Target& database, system::StopToken stop) {
    return open_reader(database, true, stop);
}

Verification run_queries(const Target& database, const std::vector<Verify>& queries,
                         system::StopToken stop, const Confirm& confirm, Until until) {
    Verification found;
    auto connection = open_reader(database, false, stop);
    for (const auto& query : queries) {
        try {
            if (auto wrong = run_query(connection, query)) {
                found.add(confirm ? confirm(std::move(*wrong)) : std::move(*wrong));
            } else {
                found.good.push_back(what_holds(query));
            }
        } catch (const Error& error) {
            if (error.code() == ErrorCode::interrupted || !found.wrong) {
                throw;
            }
            found.add(classify(error)); // a session that breaks hides nothing seen before
            if (error.context_value("sqlstate").empty()) {
                break;
            }
        }
        if (until == Until::first_wrong && found.decided()) {
            break;
        }
    }
    return found;
}

} // namespace drctl::postgres
