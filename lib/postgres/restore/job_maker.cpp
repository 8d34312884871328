// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/job_maker.hpp"

#include "postgres/dump/name.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace drctl::postgres::restore {
namespace {

using dump::Statement;
using dump::StatementKind;

/// Held (weakly) by whoever brings rows in, so that others can wait for all of them.
const std::string all_rows = "rows";

/// What building an index takes, compared with copying its table in.
double build_factor(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, double>, 4> methods{{
        {" USING gin ", 2.5},
        {" USING gist ", 3.0},
        {" USING spgist ", 1.5},
        {" USING brin ", 0.1},
    }};
    const auto* const known = std::find_if(methods.begin(), methods.end(), [&](const auto& method) {
        return text.find(method.first) != std::string_view::npos;
    });
    return known == methods.end() ? 0.4 : known->second;
}

constexpr double validation_factor = 0.3;

/// Statements on one table that read no other and need nothing but it to be there.
bool stays_within_its_table(const Statement& statement) {
    return statement.kind == StatementKind::other && !statement.tables.empty() &&
           (statement.verb == "CREATE TRIGGER" || statement.verb == "CREATE CONSTRAINT TRIGGER" ||
            statement.verb == "ALTER TABLE");
}

/// Statements that take no lock on any table.
bool touches_no_table(const Statement& statement) {
    switch (statement.kind) {
    case StatementKind::set:
    case StatementKind::setval:
    case StatementKind::large_object:
    case StatementKind::transaction:
        return true;
    default:
        return statement.verb.ends_with(" LARGE OBJECT");
    }
}

/// An index lies in its table's schema; only ATTACH names it with it.
std::string index_key(const std::string& schema, const std::string& index) {
    return schema + '\0' + index;
}

} // namespace

JobMaker::JobMaker(const dump::Outline& outline) {
    for (const auto& block : outline.copies) {
        bytes_[block.table] += block.bytes;
    }
}

void JobMaker::set_relations(Relations relations) {
    relations_ = std::move(relations);
}

Job JobMaker::alone(Lane lane) {
    Job job;
    job.lane = lane;
    job.barrier = true;
    return job;
}

Job JobMaker::behind_all_rows() {
    Job job;
    job.lane = Lane::main;
    job.locks = {{all_rows, LockMode::share}};
    return job;
}

double JobMaker::bytes_of(const std::string& table) const {
    const auto found = bytes_.find(table);
    return found == bytes_.end() ? 0 : static_cast<double>(found->second);
}

bool JobMaker::lock_family(Job& job, const std::string& table, LockMode mode) const {
    const auto* const relation = relations_.find(table);
    if (relation != nullptr) {
        const auto locks = locks_on_family(*relation, mode);
        job.locks.insert(job.locks.end(), locks.begin(), locks.end());
    }
    return relation != nullptr;
}

void JobMaker::remember_index(const std::string& index, const std::string& table) {
    const auto name = dump::parse_name(table);
    if (name && !name->schema.empty()) {
        tables_of_indexes_[index_key(name->schema, dump::unquote_identifier(index))] = table;
    }
}

Job JobMaker::statement(const Statement& statement) {
    Job job;
    job.lane = Lane::main;
    if (touches_no_table(statement)) {
        return job;
    }
    if (statement.kind == StatementKind::attach_index) {
        return attach_index(statement);
    }
    if (stays_within_its_table(statement) &&
        std::all_of(statement.tables.begin(), statement.tables.end(), [&](const auto& table) {
            return lock_family(job, table, LockMode::access_exclusive);
        })) {
        return job;
    }
    return alone(Lane::main);
}

Job JobMaker::build(StatementKind kind, const std::string& object, const std::string& table,
                    const std::string& text, bool needs_all_rows) {
    remember_index(object, table);
    Job job;
    job.rank = Rank::build;
    job.cost = bytes_of(table) * build_factor(text);
    const auto mode =
        kind == StatementKind::create_index ? LockMode::share : LockMode::access_exclusive;
    if (!lock_family(job, table, mode)) {
        return alone(Lane::main);
    }
    if (needs_all_rows) {
        job.locks.push_back({all_rows, LockMode::share});
    }
    return job;
}

Job JobMaker::attachment(const std::string& table) const {
    Job job;
    job.rank = Rank::load;
    return lock_family(job, table, LockMode::access_exclusive) ? job : alone(Lane::main);
}

Job JobMaker::load(const Relation& table, LockMode mode) {
    Job job;
    job.rank = Rank::load;
    job.locks = locks_on_family(table, mode);
    job.locks.push_back({all_rows, LockMode::row_exclusive});
    return job;
}

Job JobMaker::foreign_key(const Statement& statement, bool validated) const {
    Job job;
    // A validation that follows is as urgent as it is long.
    job.cost = bytes_of(statement.tables.front()) * validation_factor;
    for (const auto& table : statement.tables) {
        if (!lock_family(job, table, LockMode::share_row_exclusive)) {
            return alone(Lane::main);
        }
    }
    if (!validated) {
        job.rank = Rank::load;
    }
    return job;
}

Job JobMaker::validation(const Statement& statement) const {
    Job job;
    job.cost = bytes_of(statement.tables.front()) * validation_factor;
    static_cast<void>(lock_family(job, statement.tables.front(), LockMode::share_update_exclusive));
    static_cast<void>(lock_family(job, statement.tables.back(), LockMode::row_share));
    return job;
}

/// The index that becomes a part is locked as a whole, and both tables weakly. Nothing that
/// plans a query on them may run meanwhile.
Job JobMaker::attach_index(const Statement& statement) const {
    Job job;
    job.lane = Lane::main;
    for (const auto& index : statement.tables) {
        const auto name = dump::parse_name(index);
        const auto table = name ? tables_of_indexes_.find(index_key(name->schema, name->name))
                                : tables_of_indexes_.end();
        if (table == tables_of_indexes_.end() ||
            !lock_family(job, table->second, LockMode::share_row_exclusive)) {
            return alone(Lane::main);
        }
    }
    return statement.tables.empty() ? alone(Lane::main) : job;
}

Job JobMaker::vacuum(const Relation& table, std::uint64_t bytes) {
    Job job;
    job.cost = static_cast<double>(bytes);
    job.locks = locks_on_family(table, LockMode::share_update_exclusive);
    return job;
}

} // namespace drctl::postgres::restore
