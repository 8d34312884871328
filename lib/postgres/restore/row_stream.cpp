// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/row_stream.hpp"

#include <utility>

namespace drctl::postgres::restore {
namespace {

/// More than the reader takes back at once would only lie around.
constexpr std::size_t most_spare = 2;

} // namespace

void Backlog::enter(std::size_t size) {
    auto guard = monitor_.enter();
    monitor_.wait(guard, [&] { return size_ == 0 || size_ + size <= limit_; });
    size_ += size;
}

void Backlog::leave(std::size_t size) {
    {
        const auto guard = monitor_.enter();
        size_ -= size;
    }
    monitor_.changed();
}

void Backlog::leave(dump::CopyRows rows) {
    const auto size = rows.buffer.capacity();
    {
        const auto guard = monitor_.enter();
        if (spare_.size() < most_spare) {
            spare_.push_back(std::move(rows.buffer));
        }
    }
    leave(size);
}

std::vector<dump::Buffer> Backlog::spare() {
    const auto guard = monitor_.enter();
    return std::exchange(spare_, {});
}

void RowStream::push(dump::CopyRows rows) {
    backlog_.enter(rows.buffer.capacity());
    {
        const auto guard = monitor_.enter();
        rows_.push_back(std::move(rows));
    }
    monitor_.changed();
}

void RowStream::end() {
    {
        const auto guard = monitor_.enter();
        ended_ = true;
    }
    monitor_.changed();
}

std::optional<dump::CopyRows> RowStream::pop() {
    auto guard = monitor_.enter();
    monitor_.wait(guard, [this] { return ended_ || !rows_.empty(); });
    if (rows_.empty()) {
        return std::nullopt;
    }
    auto rows = std::move(rows_.front());
    rows_.pop_front();
    return rows;
}

} // namespace drctl::postgres::restore
