// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/buffer.hpp"
#include "postgres/dump/input.hpp"
#include "postgres/dump/reader.hpp"
#include "system/byte_source.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace drctl::postgres::dump {

/// The part of the input that is in memory: offset 0 is the first byte not dealt with yet.
/// Statements are extended in place until they end (so the buffer grows with the largest one);
/// rows leave it with the buffer they lie in.
class Window final : public Input {
  public:
    Window(system::ByteSource& source, const ReaderOptions& options);

    /// Of offset 0, from 1.
    [[nodiscard]] std::uint64_t line() const noexcept { return line_; }
    /// Bytes of the input before offset 0.
    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

    /// The input has ended: what is at hand is all there is.
    [[nodiscard]] bool at_end() const noexcept { return at_end_; }

    /// Forgets the first `size` bytes.
    void drop(std::size_t size);

    /// Fetches more rows without growing; false when a chunk is full or the input ends.
    bool fill();
    /// Hands over the first `size` bytes, which hold `rows` line ends.
    CopyRows take(std::size_t size, std::uint64_t rows);
    void recycle(Buffer buffer);

  private:
    bool extend() override;
    bool read_more();
    void compact();
    void move_to(Buffer target);
    [[nodiscard]] Buffer chunk();
    [[nodiscard]] std::size_t before() const noexcept;
    [[nodiscard]] std::size_t room() const noexcept;

    system::ByteSource& source_;
    std::size_t chunk_capacity_;
    std::size_t statement_limit_;
    Buffer buffer_;
    std::vector<Buffer> spare_;
    std::uint64_t line_ = 1;
    std::uint64_t position_ = 0;
    bool at_end_ = false;
};

} // namespace drctl::postgres::dump
