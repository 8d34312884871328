// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/reader.hpp"
#include "postgres/restore/monitor.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

namespace drctl::postgres::restore {

/// Bounds what lies between the reader and the sessions: rows, and statements not run yet.
class Backlog {
  public:
    Backlog(Monitor& monitor, std::size_t limit) : monitor_(monitor), limit_(limit) {}

    /// Waits until `size` bytes fit in. What is larger than the limit gets in alone.
    void enter(std::size_t size);
    void leave(std::size_t size);

    /// Takes back the memory of rows that were sent, for the reader to fill again.
    void leave(dump::CopyRows rows);
    /// Buffers given back since the last call.
    [[nodiscard]] std::vector<dump::Buffer> spare();

  private:
    Monitor& monitor_;
    const std::size_t limit_;
    std::size_t size_ = 0;
    std::vector<dump::Buffer> spare_;
};

/// Rows on their way from the reader to the session that loads them.
class RowStream {
  public:
    RowStream(Monitor& monitor, Backlog& backlog) : monitor_(monitor), backlog_(backlog) {}

    /// Waits for room in the backlog.
    void push(dump::CopyRows rows);
    void end();
    /// The next rows, or nothing once the stream has ended.
    std::optional<dump::CopyRows> pop();

  private:
    Monitor& monitor_;
    Backlog& backlog_;
    std::deque<dump::CopyRows> rows_;
    bool ended_ = false;
};

} // namespace drctl::postgres::restore
