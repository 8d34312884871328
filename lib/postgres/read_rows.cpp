// SPDX-License-Identifier: Apache-2.0
#include "postgres/verify.hpp"

#include "postgres/database.hpp"
#include "postgres/printable.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <fmt/core.h>
#include <mutex>
#include <thread>

namespace drctl::postgres {
namespace {

/// A table reader that takes rows as they lie there: what cannot be told in UTF-8 is no damage.
Connection open_row_reader(const Target& database, system::StopToken stop) {
    auto connection = open_table_reader(database, stop);
    connection.exec("SET client_encoding = " +
                    connection.literal(connection.parameter("server_encoding")));
    return connection;
}

struct Table {
    Oid oid = 0;
    std::string name; ///< `schema.table`, quoted
};

/// Everything that has rows of its own, the largest first.
std::vector<Table> tables_with_rows(Connection& connection) {
    const auto rows = connection.exec(
        "SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND "
        "(c.relkind = 'r' OR c.relispopulated) ORDER BY c.relpages DESC, 2");
    std::vector<Table> tables;
    for (int row = 0; row < rows.rows(); ++row) {
        tables.push_back({rows.oid(row, 0), rows.string(row, 1)});
    }
    return tables;
}

/// Whether an error only says that somebody has dropped the table since it was listed.
bool is_dropped(Connection& connection, const Table& table, const Error& error) {
    constexpr std::array<std::string_view, 3> of_missing{"42P01", "3F000", "XX000"};
    const auto sqlstate = error.context_value("sqlstate");
    return std::find(of_missing.begin(), of_missing.end(), sqlstate) != of_missing.end() &&
           connection
               .exec("SELECT FROM pg_catalog.pg_class WHERE oid = $1::pg_catalog.oid",
                     {std::to_string(table.oid)})
               .empty();
}

/// Reads tables with several sessions until all are read or rows are found to be lost.
class RowReader {
  public:
    RowReader(const Target& database, std::vector<Table> tables, const Confirm& confirm,
              system::StopToken stop)
        : database_(database), tables_(std::move(tables)), confirm_(confirm), stop_(stop) {}

    Verification read(unsigned jobs) {
        std::vector<std::thread> threads;
        const auto sessions = std::clamp<std::size_t>(tables_.size(), 1, std::max(1U, jobs));
        for (std::size_t i = 0; i < sessions; ++i) {
            threads.emplace_back([this] { work(); });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        if (!found_.wrong) {
            found_.good.push_back(fmt::format("every row of {} tables read", read_.load()));
        }
        return std::move(found_);
    }

  private:
    void work() {
        try {
            auto connection = open_row_reader(database_, stop_);
            for (auto i = next_++; i < tables_.size() && !over_; i = next_++) {
                read_table(connection, tables_[i]);
            }
        } catch (...) {
            over_ = true;
            const std::lock_guard guard(mutex_);
            failure_ = failure_ ? failure_ : std::current_exception();
        }
    }

    void read_table(Connection& connection, const Table& table) {
        try {
            connection.copy_out("read every row of " + printable(table.name),
                                "COPY (SELECT * FROM ONLY " + table.name + ") TO STDOUT");
            ++read_;
        } catch (const Error& error) {
            if (error.context_value("sqlstate").empty()) {
                throw; // the connection itself, or a stop
            }
            if (is_dropped(connection, table, error)) {
                return;
            }
            const std::lock_guard guard(mutex_);
            auto cause = classify(error);
            found_.add(confirm_ ? confirm_(std::move(cause)) : std::move(cause));
            over_ = over_ || found_.decided();
        }
    }

    const Target& database_;
    std::vector<Table> tables_;
    const Confirm& confirm_;
    system::StopToken stop_;
    std::atomic<std::size_t> next_{0};
    std::atomic<std::size_t> read_{0};
    std::atomic<bool> over_{false};
    std::mutex mutex_;
    Verification found_;
    std::exception_ptr failure_;
};

} // namespace

Verification read_every_row(const Target& database, unsigned jobs, system::StopToken stop,
                            const Confirm& confirm) {
    auto catalogue = open_row_reader(database, stop);
    return RowReader(database, tables_with_rows(catalogue), confirm, stop).read(jobs);
}

} // namespace drctl::postgres
