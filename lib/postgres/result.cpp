// SPDX-License-Identifier: Apache-2.0
#include "postgres/result.hpp"

#include "drctl/error.hpp"

#include <fmt/core.h>

#include <charconv>

namespace drctl::postgres {
namespace {

template <typename Integer>
Integer parse(std::string_view text, int column) {
    Integer value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw Error(ErrorCode::bug, fmt::format("column {} of a query is not an integer", column));
    }
    return value;
}

} // namespace

const char* Result::cell(int row, int column) const {
    if (row < 0 || row >= rows() || column < 0 || column >= columns()) {
        throw Error(ErrorCode::bug,
                    fmt::format("a query has no row {}, column {}: it returned {} x {}", row,
                                column, rows(), columns()));
    }
    return PQgetvalue(result_.get(), row, column);
}

bool Result::is_null(int row, int column) const {
    static_cast<void>(cell(row, column));
    return PQgetisnull(result_.get(), row, column) == 1;
}

std::string_view Result::text(int row, int column) const {
    if (is_null(row, column)) {
        throw Error(ErrorCode::bug, fmt::format("column {} of a query is null", column));
    }
    return {cell(row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::optional<std::string> Result::optional_string(int row, int column) const {
    if (is_null(row, column)) {
        return std::nullopt;
    }
    return string(row, column);
}

std::int64_t Result::integer(int row, int column) const {
    return parse<std::int64_t>(text(row, column), column);
}

std::uint32_t Result::oid(int row, int column) const {
    return parse<std::uint32_t>(text(row, column), column);
}

bool Result::boolean(int row, int column) const {
    const auto value = text(row, column);
    if (value != "t" && value != "f") {
        throw Error(ErrorCode::bug, fmt::format("column {} of a query is not a boolean", column));
    }
    return value == "t";
}

std::uint64_t Result::affected() const {
    const std::string_view count = PQcmdTuples(result_.get());
    return count.empty() ? 0 : parse<std::uint64_t>(count, -1);
}

} // namespace drctl::postgres
