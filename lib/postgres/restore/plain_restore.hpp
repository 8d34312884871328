// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/outline.hpp"
#include "postgres/dump/reader.hpp"
#include "postgres/restore/dump_text.hpp"
#include "postgres/restore/early_builds.hpp"
#include "postgres/restore/insert_batch.hpp"
#include "postgres/restore/restore.hpp"
#include "postgres/restore/row_loader.hpp"
#include "postgres/restore/workshop.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drctl::postgres::restore {

/// One restore of a dump's text, seen from the thread that reads it: turns what is read into jobs
/// for the crew, and keeps just so far ahead of it.
class PlainRestore {
  public:
    PlainRestore(const Target& database, const dump::Outline& outline, const Tuning& tuning,
                 const ProgressSink& progress, system::StopToken stop);

    /// Opens the dump, restores it, closes with everything on disk. Once only.
    RestoreResult run(const OpenText& open);

  private:
    void read(DumpText& text);
    void take(dump::Statement statement);
    void take(const dump::CopyBegin& copy);
    void take(dump::CopyRows rows);
    void take(const dump::CopyEnd& end);

    void take_statement(dump::Statement statement);
    void follow(const dump::Statement& statement);
    void take_index(dump::Statement statement);
    void take_foreign_key(dump::Statement statement);
    void take_database_level(dump::Statement statement);
    void take_subscription(dump::Statement statement);
    void reconnect();
    void enqueue(Job job, dump::Statement statement);
    void look_at_relations();
    void wait_for_crew(std::string_view phase);
    void finish();
    void report(const DumpText& text);

    const ProgressSink& progress_;
    std::string database_; ///< the side database's name
    Workshop workshop_;
    RowLoader rows_;
    InsertBatch inserts_;
    EarlyBuilds early_;
    bool looked_ = false;         ///< the relations are known
    bool in_transaction_ = false; ///< of the dump's own
    std::uint64_t copy_ = 0;      ///< ordinal of the COPY block that we are in
    /// Event triggers, with what is said of them: they are made last, so that none fires.
    std::vector<std::pair<std::shared_ptr<const SettingList>, dump::Statement>> event_triggers_;
    system::SteadyTime reported_{};
};

} // namespace drctl::postgres::restore
