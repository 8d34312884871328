// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/restore/row_loader.hpp"
#include "postgres/restore/workshop.hpp"

#include <cstddef>
#include <vector>

namespace drctl::postgres::restore {

/// INSERTs of an --inserts dump, many at a time: one by one each would be a round trip and a
/// transaction of its own. Which one failed is found out by running them again, singly.
class InsertBatch {
  public:
    InsertBatch(Workshop& workshop, RowLoader& rows) : workshop_(workshop), rows_(rows) {}

    /// The reader has met an INSERT (outside of a transaction of the dump's own).
    void add(dump::Statement insert);
    /// Before anything else is dealt with.
    void flush();

  private:
    Workshop& workshop_;
    RowLoader& rows_;
    std::vector<dump::Statement> inserts_; ///< into one table
    std::size_t size_ = 0;
};

} // namespace drctl::postgres::restore
