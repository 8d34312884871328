// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace drctl::system {

/// The last bytes of a stream.
class Tail {
  public:
    explicit Tail(std::size_t keep) : keep_(keep) {}
    void append(std::string_view data);
    /// Hands them out and is empty afterwards.
    [[nodiscard]] std::string take();

  private:
    std::size_t keep_;
    std::string data_;
};

/// Reads what is there from a non-blocking descriptor, at most `limit` bytes and a block, into
/// `tail`. False at the end of the stream.
bool drain(int fd, Tail& tail, std::size_t limit);

} // namespace drctl::system
