// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/row_loader.hpp"

#include "postgres/copy_in.hpp"
#include "postgres/restore/failure.hpp"
#include "postgres/restore/upkeep.hpp"

#include <fmt/core.h>
#include <optional>
#include <string>
#include <utility>

namespace drctl::postgres::restore {

struct RowLoader::Block {
    dump::CopyBegin copy;
    LoadMode mode = LoadMode::whole;
    const Relation* relation = nullptr;
    Ledger::Table table = 0;
    std::uint64_t bytes = 0;
    std::shared_ptr<const SettingList> settings;
};

namespace {

/// One COPY, as far as the rows of one stream go before one of them ends.
class Copying {
  public:
    Copying(Connection& connection, const dump::CopyBegin& copy, const std::string& sql)
        : connection_(connection), copy_(copy), sql_(sql) {}

    /// Returns the rows that the server has taken; 0 while a row is not at its end.
    std::uint64_t send(const dump::CopyRows& rows) {
        try {
            if (!running_) {
                first_line_ = rows.first_line;
                sent_ = 0;
                running_.emplace(connection_, "load rows", sql_);
            }
            running_->write(rows.data());
            sent_ += rows.rows;
            if (!rows.ends_with_row) {
                return 0;
            }
            const auto taken = running_->finish();
            running_.reset();
            return check(taken);
        } catch (const Error& error) {
            throw failure_at(error, line_of(error), "COPY " + copy_.table);
        }
    }

  private:
    [[nodiscard]] std::uint64_t check(std::uint64_t taken) const {
        if (taken != sent_) {
            throw Error(ErrorCode::failed,
                        fmt::format("{} rows were sent, the server has taken {}", sent_, taken));
        }
        return taken;
    }

    /// In text format a row is a line.
    [[nodiscard]] std::uint64_t line_of(const Error& error) const {
        const auto row = error.context_value("copy_line");
        return row.empty() ? copy_.line : first_line_ + std::stoull(row) - 1;
    }

    Connection& connection_;
    const dump::CopyBegin& copy_;
    const std::string& sql_;
    std::optional<CopyIn> running_;
    std::uint64_t first_line_ = 0;
    std::uint64_t sent_ = 0;
};

/// `COPY t (a) FROM stdin WITH (FREEZE);`
std::string frozen(const std::string& copy) {
    return copy.substr(0, copy.rfind(';')) + " WITH (FREEZE);";
}

void run_at(Connection& connection, const dump::CopyBegin& copy, const std::string& sql) {
    try {
        connection.exec_for("load rows", sql);
    } catch (const Error& error) {
        throw failure_at(error, copy.line, "COPY " + copy.table);
    }
}

} // namespace

RowLoader::RowLoader(Workshop& workshop, const dump::Outline& outline) : workshop_(workshop) {
    for (const auto& block : outline.copies) {
        bytes_.emplace(block.ordinal, block.bytes);
    }
}

void RowLoader::begin(const dump::CopyBegin& copy, bool in_order) {
    const auto* const relation = workshop_.jobs.find(copy.table);
    block_ = std::make_shared<Block>();
    block_->copy = copy;
    block_->relation = relation;
    block_->bytes = bytes_[copy.ordinal];
    block_->mode = in_order ? LoadMode::in_order : choose(copy, relation);
    block_->settings = workshop_.settings.now();
    block_->table = workshop_.ledger.open_table(copy.table, copy.line,
                                                relation != nullptr && relation->is_partitioned());
    if (relation != nullptr) {
        touch(*relation);
    }
    if (block_->mode != LoadMode::split) {
        open_stream();
    }
}

void RowLoader::take(dump::CopyRows rows) {
    const bool ends = rows.ends_with_row && block_->mode == LoadMode::split;
    if (stream_ == nullptr) {
        open_stream();
    }
    stream_->push(std::move(rows));
    if (ends) {
        stream_->end();
        stream_.reset();
    }
}

void RowLoader::end() {
    if (stream_ != nullptr) {
        stream_->end();
        stream_.reset();
    }
    if (block_->mode == LoadMode::split && block_->relation->is_plain_table()) {
        // What FREEZE would have done on the way: foreign keys are then checked by indexes alone.
        workshop_.crew.add(
            JobMaker::vacuum(*block_->relation, block_->bytes),
            [oid = block_->relation->oid](WorkSession& session) { vacuum(session, oid); });
    }
    block_.reset();
}

void RowLoader::touch(const Relation& relation) {
    touched_.insert(relation.key);
    touched_.insert(relation.descendants.begin(), relation.descendants.end());
}

LoadMode RowLoader::choose(const dump::CopyBegin& copy, const Relation* relation) {
    if (relation == nullptr || relation->runs_own_code || relation->kind == 'f') {
        return LoadMode::in_order;
    }
    LoadQuestion question;
    question.fresh = relation->fresh && !touched_.contains(relation->key);
    question.bytes = bytes_[copy.ordinal];
    question.jobs = workshop_.tuning.jobs;
    question.pending_builds = workshop_.crew.pending_builds();
    return choose_load(question);
}

Job RowLoader::job_for(const Block& block) const {
    switch (block.mode) {
    case LoadMode::in_order:
        return JobMaker::alone(Lane::main);
    case LoadMode::frozen:
        return JobMaker::load(*block.relation, LockMode::access_exclusive);
    case LoadMode::whole:
    case LoadMode::split:
        break;
    }
    return JobMaker::load(*block.relation, LockMode::row_exclusive);
}

void RowLoader::open_stream() {
    stream_ = std::make_shared<RowStream>(workshop_.monitor, workshop_.backlog);
    workshop_.crew.add(job_for(*block_), [&workshop = workshop_, block = block_,
                                          stream = stream_](WorkSession& session) {
        auto& connection = session.connection();
        if (block->mode != LoadMode::in_order) {
            session.adopt(block->settings);
        }
        const bool freeze = block->mode == LoadMode::frozen;
        const auto sql = freeze ? frozen(block->copy.text) : block->copy.text;
        if (freeze) {
            run_at(connection, block->copy, "BEGIN; TRUNCATE TABLE ONLY " + block->copy.table);
        }
        Copying copying(connection, block->copy, sql);
        while (auto rows = stream->pop()) {
            workshop.ledger.add_rows(block->table, copying.send(*rows));
            workshop.backlog.leave(std::move(*rows));
        }
        if (freeze) {
            run_at(connection, block->copy, "COMMIT");
        }
    });
}

} // namespace drctl::postgres::restore
