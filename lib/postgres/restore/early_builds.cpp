// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/early_builds.hpp"

#include "postgres/restore/constraint_index.hpp"
#include "postgres/restore/failure.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace drctl::postgres::restore {
namespace {

using dump::EarlyStatement;

dump::Statement statement_of(const EarlyStatement& early) {
    dump::Statement statement;
    statement.text = early.text;
    statement.kind = early.kind;
    statement.section = dump::Section::post_data;
    statement.ordinal = early.ordinal;
    statement.line = early.line;
    statement.verb = early.verb;
    statement.object = early.object;
    statement.tables = {early.table};
    return statement;
}

Error other_file() {
    return {ErrorCode::failed, "cannot restore the dump: it is not the file that was inspected",
            "run the same command again: it is inspected anew"};
}

} // namespace

EarlyBuilds::EarlyBuilds(Workshop& workshop, const dump::Outline& outline) : workshop_(workshop) {
    std::vector<const EarlyStatement*> in_order;
    for (const auto& early : outline.early) {
        after_.emplace(early.after, &early);
        in_order.push_back(&early);
    }
    std::sort(in_order.begin(), in_order.end(),
              [](const auto* one, const auto* other) { return one->ordinal < other->ordinal; });
    SettingTrail trail;
    auto setting = outline.settings.begin();
    for (const auto* const early : in_order) {
        for (; setting != outline.settings.end() && setting->ordinal < early->ordinal; ++setting) {
            dump::Statement statement;
            statement.object = setting->parameter;
            statement.text = setting->text;
            trail.apply(statement);
        }
        settings_.emplace(early->ordinal, trail.now());
    }
}

void EarlyBuilds::start_after(std::uint64_t copy) {
    std::vector<dump::Statement> attachments;
    const auto [first, last] = after_.equal_range(copy);
    for (auto each = first; each != last; ++each) {
        const auto& early = *each->second;
        const auto* const table = workshop_.jobs.find(early.table);
        if (table == nullptr) {
            continue; // its turn comes where it stands
        }
        started_.emplace(early.ordinal, &early);
        auto statement = statement_of(early);
        if (const auto parts = table->is_plain_table() ? index_first(early) : std::nullopt) {
            attachments.push_back(statement);
            attachments.back().text = parts->attach;
            statement.text = parts->create;
            statement.kind = dump::StatementKind::create_index;
        }
        auto job =
            workshop_.jobs.build(statement.kind, early.object, early.table, statement.text, false);
        add(std::move(job), std::move(statement));
    }
    // Each waits for all builds on its table, and nobody else on it would be let in before them.
    for (auto& statement : attachments) {
        auto job = workshop_.jobs.attachment(statement.tables.front());
        add(std::move(job), std::move(statement));
    }
}

void EarlyBuilds::add(Job job, dump::Statement statement) {
    workshop_.crew.add(std::move(job),
                       [&ledger = workshop_.ledger, settings = settings_.at(statement.ordinal),
                        statement = std::move(statement)](WorkSession& session) {
                           session.adopt(settings);
                           run_statement(session.connection(), ledger, statement);
                       });
}

bool EarlyBuilds::covers(const dump::Statement& statement) {
    const auto started = started_.extract(statement.ordinal);
    if (started.empty()) {
        return false;
    }
    if (started.mapped()->text != statement.text) {
        throw other_file();
    }
    return true;
}

void EarlyBuilds::check_end() const {
    if (!started_.empty()) {
        throw other_file();
    }
}

} // namespace drctl::postgres::restore
