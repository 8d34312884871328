// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"
#include "postgres/dump/statement.hpp"
#include "postgres/restore/restore.hpp"

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace drctl::postgres::restore {

/// Why an error is no reason to stop, or nothing.
[[nodiscard]] std::optional<Tolerated::Why> why_tolerated(const dump::Statement& statement,
                                                          const Error& error);

/// What a restore gives back, written by all of its threads.
class Ledger {
  public:
    using Table = std::size_t;

    /// Blocks of the same table count together.
    Table open_table(const std::string& written, std::uint64_t line, bool partitioned);
    void add_rows(Table table, std::uint64_t rows);
    void tolerate(Tolerated::Why why, const dump::Statement& statement, const Error& error);
    void add_subscription(const std::string& name);
    [[nodiscard]] RestoreResult result(std::string digest);

  private:
    std::mutex mutex_;
    RestoreResult result_;
    std::unordered_map<std::string, Table> tables_; ///< by name as written
};

} // namespace drctl::postgres::restore
