// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace drctl::postgres::dump {

/// Bytes looked at by offset. Of a text all are at hand; a Window fetches more when an offset
/// beyond those at hand is asked for, so that a lexer need not know where blocks end.
class Input {
  public:
    static constexpr int end = -1;
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);

    /// Borrows `text`.
    explicit Input(std::string_view text) : data_(text.data()), size_(text.size()) {}
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;
    virtual ~Input() = default;

    /// The byte there, or `end`.
    int at(std::size_t offset) {
        return offset < size_ || extend_to(offset) ? static_cast<unsigned char>(data_[offset])
                                                   : end;
    }

    /// Where the next `byte` at or after `from` is, or npos.
    [[nodiscard]] std::size_t find(char byte, std::size_t from) {
        for (std::size_t seen = from; at(seen) != end; seen = size_) {
            if (const void* hit = std::memchr(data_ + seen, byte, size_ - seen)) {
                return static_cast<std::size_t>(static_cast<const char*>(hit) - data_);
            }
        }
        return npos;
    }

    /// Valid until more is fetched; both offsets must have been looked at.
    [[nodiscard]] std::string_view slice(std::size_t from, std::size_t to) const {
        return {data_ + from, to - from};
    }

    /// Bytes at hand.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

  protected:
    Input() = default;
    /// Makes at least one more byte visible behind those at hand; false at the end.
    virtual bool extend() { return false; }

    const char* data_ = nullptr;
    std::size_t size_ = 0;

  private:
    bool extend_to(std::size_t offset) {
        while (offset >= size_) {
            if (!extend()) {
                return false;
            }
        }
        return true;
    }
};

} // namespace drctl::postgres::dump
