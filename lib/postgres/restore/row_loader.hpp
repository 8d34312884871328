// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/outline.hpp"
#include "postgres/dump/reader.hpp"
#include "postgres/restore/load_choice.hpp"
#include "postgres/restore/workshop.hpp"

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>

namespace drctl::postgres::restore {

/// Brings the rows of COPY blocks in. Every chunk is a COPY of its own, so that an error is known
/// before the next one is sent, and its row is found in the dump.
class RowLoader {
  public:
    RowLoader(Workshop& workshop, const dump::Outline& outline);

    /// `in_order`: a transaction of the dump's own is open, its session must do it.
    void begin(const dump::CopyBegin& copy, bool in_order);
    void take(dump::CopyRows rows);
    void end();

    /// Rows come into the table by other means.
    void touch(const Relation& relation);

  private:
    struct Block;

    [[nodiscard]] LoadMode choose(const dump::CopyBegin& copy, const Relation* relation);
    void open_stream();
    [[nodiscard]] Job job_for(const Block& block) const;

    Workshop& workshop_;
    std::unordered_map<std::uint64_t, std::uint64_t> bytes_; ///< of a block, by ordinal
    std::unordered_set<std::string> touched_;                ///< keys of tables with rows
    /// Shared with the jobs that load it: the last of them ends after the reader has gone on.
    std::shared_ptr<Block> block_;
    std::shared_ptr<RowStream> stream_; ///< open: the next rows go there
};

} // namespace drctl::postgres::restore
