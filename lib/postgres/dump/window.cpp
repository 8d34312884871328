// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/window.hpp"

#include "drctl/error.hpp"
#include "postgres/dump/rows.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <span>
#include <utility>

namespace drctl::postgres::dump {
namespace {

/// Beyond the chunk size, so that the last row of a chunk nearly always ends within it.
constexpr std::size_t chunk_slack = std::size_t{64} << 10;
/// Buffers kept for reuse: one being filled and one being looked at need no more.
constexpr std::size_t spare_limit = 2;

} // namespace

Window::Window(system::ByteSource& source, const ReaderOptions& options)
    : source_(source), chunk_capacity_(options.chunk_size + chunk_slack),
      statement_limit_(options.statement_limit), buffer_(chunk_capacity_) {
    data_ = buffer_.data();
}

std::size_t Window::before() const noexcept {
    return static_cast<std::size_t>(data_ - buffer_.data());
}

std::size_t Window::room() const noexcept {
    return buffer_.capacity() - before() - size_;
}

void Window::drop(std::size_t size) {
    line_ += count_line_ends(slice(0, size));
    position_ += size;
    data_ += size;
    size_ -= size;
}

bool Window::read_more() {
    // Not all the room there is: behind a huge statement that would be as huge again.
    const std::span free(buffer_.data() + before() + size_, std::min(room(), chunk_capacity_));
    const std::size_t got = at_end_ ? 0 : source_.read(std::as_writable_bytes(free));
    at_end_ = got == 0;
    size_ += got;
    return got > 0;
}

void Window::compact() {
    if (buffer_.capacity() != chunk_capacity_) {
        move_to(chunk());
        return;
    }
    std::memmove(buffer_.data(), data_, size_);
    data_ = buffer_.data();
}

void Window::move_to(Buffer target) {
    std::memcpy(target.data(), data_, size_);
    buffer_ = std::move(target);
    data_ = buffer_.data();
}

Buffer Window::chunk() {
    if (spare_.empty()) {
        return Buffer(chunk_capacity_);
    }
    Buffer buffer = std::move(spare_.back());
    spare_.pop_back();
    return buffer;
}

bool Window::extend() {
    if (room() == 0) {
        if (size_ > statement_limit_) {
            throw Error(ErrorCode::refused,
                        fmt::format("cannot read the statement at line {}: it is larger than {}",
                                    line_, system::format_size({statement_limit_})),
                        "restore this dump with psql")
                .with("line", std::to_string(line_));
        }
        if (size_ <= chunk_capacity_ / 2) {
            compact();
        } else {
            move_to(Buffer(2 * size_));
        }
    }
    return read_more();
}

bool Window::fill() {
    if (size_ >= chunk_capacity_) {
        return false;
    }
    if (room() == 0 || buffer_.capacity() != chunk_capacity_) {
        compact();
    }
    return read_more();
}

CopyRows Window::take(std::size_t size, std::uint64_t rows) {
    CopyRows taken;
    taken.size = size;
    taken.rows = rows;
    taken.first_line = line_;
    const std::size_t rest = size_ - size;
    line_ += rows;
    position_ += size;
    // Whichever part is smaller is copied, so that a thousand small tables in one buffer cost
    // no more than one large one.
    if (size <= rest || size + rest > chunk_capacity_) {
        taken.buffer = Buffer(size);
        std::memcpy(taken.buffer.data(), data_, size);
        data_ += size;
        size_ = rest;
        return taken;
    }
    Buffer next = chunk();
    std::memcpy(next.data(), data_ + size, rest);
    taken.offset = before();
    taken.buffer = std::exchange(buffer_, std::move(next));
    data_ = buffer_.data();
    size_ = rest;
    return taken;
}

void Window::recycle(Buffer buffer) {
    if (buffer.capacity() == chunk_capacity_ && spare_.size() < spare_limit) {
        spare_.push_back(std::move(buffer));
    }
}

} // namespace drctl::postgres::dump
