// SPDX-License-Identifier: Apache-2.0
#include "postgres/copy_in.hpp"

#include "postgres/server_error.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace drctl::postgres {
namespace {

/// libpq copies what it is given; pieces bound that copy whatever the caller's writes are.
constexpr std::size_t piece_size = std::size_t{256} << 10;

} // namespace

CopyIn::CopyIn(Connection& connection, std::string_view purpose, const std::string& sql)
    : connection_(connection), purpose_(purpose) {
    connection_.send(purpose_, sql, {});
    connection_.flush(purpose_, std::nullopt);
    const auto result = connection_.next_result(purpose_, std::nullopt);
    if (result == nullptr || PQresultStatus(result.get()) != PGRES_COPY_IN) {
        if (result != nullptr && PQresultStatus(result.get()) == PGRES_FATAL_ERROR) {
            auto error = error_of(purpose_, *result, connection_.stop_.stop_requested());
            connection_.last_result(purpose_, std::nullopt);
            throw error;
        }
        throw Error(ErrorCode::bug, fmt::format("cannot {}: not a COPY FROM STDIN", purpose_));
    }
    open_ = true;
}

CopyIn::~CopyIn() {
    if (open_ && connection_.conn_ != nullptr) {
        connection_.cancel_and_drain();
    }
}

void CopyIn::write(std::string_view data) {
    while (!data.empty()) {
        put(data.substr(0, piece_size));
        data.remove_prefix(std::min(piece_size, data.size()));
    }
}

std::uint64_t CopyIn::finish() {
    open_ = false;
    if (PQputCopyEnd(connection_.conn_.get(), nullptr) != 1) {
        connection_.throw_lost(purpose_);
    }
    connection_.flush(purpose_, std::nullopt);
    return Result(connection_.last_result(purpose_, std::nullopt)).affected();
}

void CopyIn::put(std::string_view piece) {
    auto* conn = connection_.conn_.get();
    // Never 0: a non-blocking libpq grows its buffer, which flush() empties again.
    if (PQputCopyData(conn, piece.data(), static_cast<int>(piece.size())) != 1) {
        connection_.throw_lost(purpose_);
    }
    connection_.flush(purpose_, std::nullopt);
}

} // namespace drctl::postgres
