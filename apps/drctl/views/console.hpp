// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "views/outlet.hpp"
#include "views/style.hpp"

#include <cstddef>
#include <string_view>

namespace drctl::app::views {

/// The program's streams. stdout carries the result, stderr the narration. Writing never throws
/// and never ends a run: a reader that has gone away is no reason to stop a recovery.
class Console {
  public:
    /// Borrows the descriptors.
    Console(int in, int out, int err);

    void choose_color(ColorChoice choice);

    /// From now on a run is under way, and a terminal that stands still or a pipe that nobody reads
    /// must not hold it up: what is not taken within a moment is dropped, of the result after a few
    /// seconds. The run's own log and journal have both.
    void wait_for_nobody();

    void result(std::string_view text);
    void narrate(std::string_view text);

    [[nodiscard]] int in() const noexcept { return in_; }
    /// A person can be asked: both what we read and what we narrate on are terminals.
    [[nodiscard]] bool interactive() const noexcept { return in_terminal_ && err_terminal_; }
    [[nodiscard]] bool err_is_terminal() const noexcept { return err_terminal_; }
    /// Width of the terminal that we narrate on; 80 where it does not say.
    [[nodiscard]] std::size_t err_columns() const noexcept;
    [[nodiscard]] const Style& out_style() const noexcept { return out_style_; }
    [[nodiscard]] const Style& err_style() const noexcept { return err_style_; }
    /// errno of the first write of the result that failed, or 0. A terminal that vanished and a
    /// reader that has closed its pipe do not count: nobody waits for it there.
    [[nodiscard]] int result_failure() const noexcept { return result_failure_; }

  private:
    int in_;
    Outlet out_;
    Outlet err_;
    bool in_terminal_;
    bool out_terminal_;
    bool err_terminal_;
    Style out_style_;
    Style err_style_;
    int result_failure_ = 0;
    bool narration_lost_ = false;
};

} // namespace drctl::app::views
