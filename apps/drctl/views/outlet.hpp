// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/unique_fd.hpp"

#include <chrono>
#include <string_view>

namespace drctl::app::views {

/// One of the program's streams. Waits for its reader, until it is told that it must not.
class Outlet {
  public:
    /// Borrows the descriptor.
    explicit Outlet(int fd) : fd_(fd) {}

    [[nodiscard]] int fd() const noexcept { return fd_; }

    /// From now on a reader that takes nothing for `patience` loses the rest of that text, and what
    /// is written before it reads on.
    void limit_patience(std::chrono::milliseconds patience);

    /// Returns 0 or errno; ETIMEDOUT where patience came to its end.
    int write(std::string_view text);

  private:
    int write_whatever_it_takes(std::string_view text) const;
    int write_with_patience(std::string_view text);

    int fd_;
    system::UniqueFd own_; ///< the same stream, where it could be opened again, non-blocking
    bool limited_ = false;
    bool stalled_ = false;
    std::chrono::milliseconds patience_{0};
};

} // namespace drctl::app::views
