// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/insert_batch.hpp"

#include <string>
#include <utility>

namespace drctl::postgres::restore {
namespace {

/// The server parses a batch as a whole before it runs it.
constexpr std::size_t batch_bytes = std::size_t{1} << 20;
constexpr std::size_t batch_statements = 1000;

using Inserts = std::vector<dump::Statement>;

/// All in one message: the server makes one transaction of it.
void run_together(Connection& connection, const Inserts& inserts) {
    std::string text;
    for (const auto& insert : inserts) {
        text += insert.text;
        text += '\n';
    }
    connection.exec_for("insert rows", text);
}

void run(Connection& connection, Ledger& ledger, const Inserts& inserts) {
    try {
        run_together(connection, inserts);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted || !connection.usable()) {
            throw;
        }
        for (const auto& insert : inserts) {
            run_statement(connection, ledger, insert);
        }
    }
}

} // namespace

void InsertBatch::add(dump::Statement insert) {
    if (!inserts_.empty() && (inserts_.front().object != insert.object || size_ > batch_bytes ||
                              inserts_.size() >= batch_statements)) {
        flush();
    }
    size_ += insert.text.size();
    inserts_.push_back(std::move(insert));
}

void InsertBatch::flush() {
    if (inserts_.empty()) {
        return;
    }
    const auto* const table = workshop_.jobs.find(inserts_.front().object);
    const bool in_order = table == nullptr || table->runs_own_code || table->kind == 'f';
    Job job =
        in_order ? JobMaker::alone(Lane::main) : JobMaker::load(*table, LockMode::row_exclusive);
    if (table != nullptr) {
        rows_.touch(*table);
    }
    workshop_.backlog.enter(size_);
    workshop_.crew.add(std::move(job),
                       [&workshop = workshop_, inserts = std::exchange(inserts_, {}),
                        settings = workshop_.settings.now(), in_order,
                        size = std::exchange(size_, 0)](WorkSession& session) {
                           if (!in_order) {
                               session.adopt(settings);
                           }
                           run(session.connection(), workshop.ledger, inserts);
                           workshop.backlog.leave(size);
                       });
}

} // namespace drctl::postgres::restore
