// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/deleter.hpp"

#include <cstdint>
#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace drctl::postgres {

using PgResult = std::unique_ptr<PGresult, system::Deleter<PQclear>>;

/// The rows of one successful statement. Rows and columns count from 0; asking for one that is
/// not there, for a NULL, or for a value that is not of the type is Error(bug): whoever
/// wrote the query knows its shape.
class Result {
  public:
    Result() = default;
    explicit Result(PgResult result) noexcept : result_(std::move(result)) {}

    [[nodiscard]] int rows() const noexcept { return PQntuples(result_.get()); }
    [[nodiscard]] int columns() const noexcept { return PQnfields(result_.get()); }
    [[nodiscard]] bool empty() const noexcept { return rows() == 0; }

    [[nodiscard]] bool is_null(int row, int column) const;
    /// The value as PostgreSQL writes it; lives as long as this object.
    [[nodiscard]] std::string_view text(int row, int column) const;
    [[nodiscard]] std::string string(int row, int column) const {
        return std::string(text(row, column));
    }
    [[nodiscard]] std::optional<std::string> optional_string(int row, int column) const;
    [[nodiscard]] std::int64_t integer(int row, int column) const;
    [[nodiscard]] std::uint32_t oid(int row, int column) const;
    [[nodiscard]] bool boolean(int row, int column) const;

    /// Rows that the statement touched, by its command tag; 0 where the tag has none.
    [[nodiscard]] std::uint64_t affected() const;

  private:
    [[nodiscard]] const char* cell(int row, int column) const;
    PgResult result_;
};

} // namespace drctl::postgres
