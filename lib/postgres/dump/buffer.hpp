// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

namespace drctl::postgres::dump {

/// Memory that is not cleared before it is filled (a vector would write 4 MiB for nothing).
class Buffer {
  public:
    Buffer() = default;
    explicit Buffer(std::size_t capacity)
        : data_(std::make_unique_for_overwrite<char[]>(capacity)), capacity_(capacity) {}

    [[nodiscard]] char* data() noexcept { return data_.get(); }
    [[nodiscard]] const char* data() const noexcept { return data_.get(); }
    [[nodiscard]] std::size_t capacity() const noexcept { return data_ ? capacity_ : 0; }

  private:
    std::unique_ptr<char[]> data_;
    std::size_t capacity_ = 0;
};

} // namespace drctl::postgres::dump
