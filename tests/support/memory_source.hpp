// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/byte_source.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <utility>

namespace drctl::test {

/// A text as a byte source, handed out in pieces of at most `piece` bytes.
class MemorySource final : public system::ByteSource {
  public:
    explicit MemorySource(std::string text,
                          std::size_t piece = std::numeric_limits<std::size_t>::max())
        : text_(std::move(text)), piece_(piece) {}

    std::size_t read(std::span<std::byte> buffer) override {
        const std::size_t size = std::min({buffer.size(), piece_, text_.size() - at_});
        std::memcpy(buffer.data(), text_.data() + at_, size);
        at_ += size;
        return size;
    }

  private:
    std::string text_;
    std::size_t piece_;
    std::size_t at_ = 0;
};

} // namespace drctl::test
