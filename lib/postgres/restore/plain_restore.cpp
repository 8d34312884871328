// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/plain_restore.hpp"

#include "postgres/dump/rewrite.hpp"
#include "postgres/restore/failure.hpp"
#include "postgres/restore/finishing.hpp"
#include "postgres/restore/foreign_key.hpp"

#include <algorithm>
#include <exception>
#include <fmt/core.h>
#include <memory>
#include <string_view>
#include <variant>

namespace drctl::postgres::restore {
namespace {

using dump::Statement;
using dump::StatementKind;

constexpr std::chrono::milliseconds report_interval{200};

bool is_about_event_trigger(const Statement& statement) {
    return statement.kind == StatementKind::event_trigger ||
           statement.verb == "COMMENT ON EVENT TRIGGER" ||
           (statement.verb == "SECURITY LABEL" &&
            statement.text.find(" ON EVENT TRIGGER ") != std::string::npos);
}

bool creates_tables(const Statement& statement) {
    return statement.kind == StatementKind::create_table ||
           statement.kind == StatementKind::attach_partition;
}

} // namespace

PlainRestore::PlainRestore(const Target& database, const dump::Outline& outline,
                           const Tuning& tuning, const ProgressSink& progress,
                           system::StopToken stop)
    : progress_(progress), database_(database.dbname), workshop_(database, outline, tuning, stop),
      rows_(workshop_, outline), inserts_(workshop_, rows_), early_(workshop_, outline) {}

RestoreResult PlainRestore::run(const OpenText& open) {
    try {
        const auto text = open(workshop_.monitor.token());
        read(*text);
        finish();
        return workshop_.ledger.result(text->digest());
    } catch (...) {
        // The first failure counts, here or in another thread; this one ends the others.
        workshop_.monitor.fail(std::current_exception());
    }
    workshop_.monitor.throw_failure();
    throw Error(ErrorCode::bug, "cannot tell why a restore failed");
}

void PlainRestore::read(DumpText& text) {
    dump::Reader reader(text.bytes());
    for (bool more = true; more;) {
        auto event = reader.next();
        more = !std::holds_alternative<dump::EndOfDump>(event);
        std::visit(
            [this](auto& each) {
                if constexpr (!std::is_same_v<std::decay_t<decltype(each)>, dump::EndOfDump>) {
                    take(std::move(each));
                }
            },
            event);
        for (auto& buffer : workshop_.backlog.spare()) {
            reader.recycle(std::move(buffer));
        }
        report(text);
    }
}

void PlainRestore::take(Statement statement) {
    if (statement.kind == StatementKind::insert && !in_transaction_) {
        look_at_relations();
        inserts_.add(std::move(statement));
        return;
    }
    inserts_.flush();
    if (is_about_event_trigger(statement)) {
        event_triggers_.emplace_back(workshop_.settings.now(), std::move(statement));
        return;
    }
    if (creates_tables(statement)) {
        looked_ = false;
        workshop_.jobs.forget_relations();
    } else if (statement.section == dump::Section::post_data) {
        look_at_relations();
    }
    take_statement(std::move(statement));
}

void PlainRestore::take_statement(Statement statement) {
    switch (statement.kind) {
    case StatementKind::restrict_command:
        return;
    case StatementKind::connect:
        return reconnect();
    case StatementKind::database_level:
        return take_database_level(std::move(statement));
    case StatementKind::subscription:
        return take_subscription(std::move(statement));
    case StatementKind::create_index:
    case StatementKind::index_constraint:
        return take_index(std::move(statement));
    case StatementKind::foreign_key:
        return take_foreign_key(std::move(statement));
    default:
        follow(statement);
        auto job = workshop_.jobs.statement(statement);
        enqueue(std::move(job), std::move(statement));
    }
}

/// What changes how later statements are to be run.
void PlainRestore::follow(const Statement& statement) {
    if (statement.kind == StatementKind::set) {
        workshop_.settings.apply(statement);
    } else if (statement.kind == StatementKind::transaction &&
               statement.verb != "SET TRANSACTION") {
        in_transaction_ = statement.verb == "BEGIN" || statement.verb == "START";
    }
}

void PlainRestore::enqueue(Job job, Statement statement) {
    const bool adopts = job.lane != Lane::main;
    const auto size = statement.text.size();
    workshop_.backlog.enter(size);
    workshop_.crew.add(std::move(job),
                       [&workshop = workshop_, settings = workshop_.settings.now(), adopts, size,
                        statement = std::move(statement)](WorkSession& session) {
                           if (adopts) {
                               session.adopt(settings);
                           }
                           run_statement(session.connection(), workshop.ledger, statement);
                           workshop.backlog.leave(size);
                       });
}

void PlainRestore::take_index(Statement statement) {
    if (early_.covers(statement)) {
        return;
    }
    if (in_transaction_ || statement.tables.empty()) {
        return enqueue(JobMaker::alone(Lane::main), std::move(statement));
    }
    auto job = workshop_.jobs.build(statement.kind, statement.object, statement.tables.front(),
                                    statement.text, true);
    enqueue(std::move(job), std::move(statement));
}

void PlainRestore::take_foreign_key(Statement statement) {
    if (in_transaction_ || statement.tables.size() != 2) {
        return enqueue(JobMaker::alone(Lane::main), std::move(statement));
    }
    const auto is_plain = [this](const std::string& table) {
        const auto* const relation = workshop_.jobs.find(table);
        return relation != nullptr && relation->is_plain_table();
    };
    const auto unvalidated = without_validation(statement);
    if (!unvalidated || !is_plain(statement.tables[0]) || !is_plain(statement.tables[1])) {
        auto job = workshop_.jobs.foreign_key(statement, true);
        return enqueue(std::move(job), std::move(statement));
    }
    auto addition = statement;
    addition.text = *unvalidated;
    enqueue(workshop_.jobs.foreign_key(statement, false), std::move(addition));
    workshop_.crew.add(workshop_.jobs.validation(statement),
                       [settings = workshop_.settings.now(), statement](WorkSession& session) {
                           session.adopt(settings);
                           const auto what = describe(statement);
                           try {
                               validate(session.connection(), what, statement);
                           } catch (const Error& error) {
                               throw failure_at(error, statement.line, what);
                           }
                       });
}

void PlainRestore::take_database_level(Statement statement) {
    // The database is there: empty, and with the properties that the caller gave it.
    if (statement.verb == "CREATE DATABASE" || statement.verb == "DROP DATABASE") {
        return;
    }
    statement.text = dump::rewrite_for(statement, database_);
    enqueue(JobMaker::alone(Lane::main), std::move(statement));
}

/// A subscription must not reach out for its publisher: pg_dump always writes it so.
void PlainRestore::take_subscription(Statement statement) {
    if (statement.verb == "CREATE SUBSCRIPTION") {
        if (statement.text.find("connect = false") == std::string::npos) {
            throw Error(ErrorCode::refused,
                        fmt::format("cannot restore line {} ({}): it would connect to the "
                                    "publisher (pg_dump writes 'connect = false')",
                                    statement.line, describe(statement)),
                        "restore this dump with psql");
        }
    } else if (statement.text.ends_with(" ENABLE;")) {
        return;
    }
    enqueue(JobMaker::alone(Lane::main), std::move(statement));
}

/// \connect to the same database: what the dump has set in its session is gone.
void PlainRestore::reconnect() {
    auto changes = changes_between(*workshop_.settings.now(), {});
    workshop_.settings = {};
    workshop_.crew.add(JobMaker::alone(Lane::main),
                       [changes = std::move(changes)](WorkSession& session) {
                           for (const auto& change : changes) {
                               session.connection().exec_for("start a session anew", change);
                           }
                       });
}

void PlainRestore::take(const dump::CopyBegin& copy) {
    inserts_.flush();
    look_at_relations();
    copy_ = copy.ordinal;
    rows_.begin(copy, in_transaction_);
}

void PlainRestore::take(dump::CopyRows rows) {
    rows_.take(std::move(rows));
}

void PlainRestore::take(const dump::CopyEnd&) {
    rows_.end();
    if (!in_transaction_) {
        early_.start_after(copy_);
    }
}

void PlainRestore::look_at_relations() {
    if (looked_ || in_transaction_) {
        return;
    }
    // Shared, because a failure may end this thread's wait before the job.
    auto found = std::make_shared<Relations>();
    workshop_.crew.add(JobMaker::alone(Lane::main), [found](WorkSession& session) {
        *found = Relations::read(session.connection());
    });
    wait_for_crew("schema");
    workshop_.jobs.set_relations(std::move(*found));
    looked_ = true;
}

void PlainRestore::finish() {
    inserts_.flush();
    early_.check_end();
    if (in_transaction_) {
        throw Error(ErrorCode::damaged, "cannot restore the dump: it ends within a transaction",
                    "choose another backup: --before TIME");
    }
    for (auto& [settings, statement] : event_triggers_) {
        workshop_.crew.add(JobMaker::alone(Lane::any),
                           [&ledger = workshop_.ledger, settings = std::move(settings),
                            statement = std::move(statement)](WorkSession& session) {
                               session.adopt(settings);
                               run_statement(session.connection(), ledger, statement);
                           });
    }
    analyze_all(workshop_.crew);
    wait_for_crew("indexes and constraints");
    close(workshop_.crew, workshop_.ledger);
    wait_for_crew("indexes and constraints");
}

void PlainRestore::wait_for_crew(std::string_view phase) {
    while (!workshop_.crew.wait_for(report_interval)) {
        if (progress_) {
            const auto count = workshop_.crew.count();
            progress_({engine::Progress::Unit::items, std::string(phase), count.done, count.added});
        }
    }
}

void PlainRestore::report(const DumpText& text) {
    const auto now = std::chrono::steady_clock::now();
    if (progress_ && now - reported_ >= report_interval) {
        reported_ = now;
        const auto position = text.position();
        progress_({engine::Progress::Unit::bytes, looked_ ? "rows" : "schema", position.done,
                   position.total});
    }
}

} // namespace drctl::postgres::restore
