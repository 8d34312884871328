// SPDX-License-Identifier: Apache-2.0
#include "views/console.hpp"

#include <cerrno>
#include <chrono>
#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace drctl::app::views {

using std::chrono::milliseconds;

Console::Console(int in, int out, int err)
    : in_(in), out_(out), err_(err), in_terminal_(::isatty(in) == 1),
      out_terminal_(::isatty(out) == 1), err_terminal_(::isatty(err) == 1) {
    choose_color(ColorChoice::automatic);
}

void Console::choose_color(ColorChoice choice) {
    out_style_ = Style(wants_color(choice, out_terminal_));
    err_style_ = Style(wants_color(choice, err_terminal_));
}

std::size_t Console::err_columns() const noexcept {
    winsize size{};
    return ::ioctl(err_.fd(), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void Console::wait_for_nobody() {
    constexpr milliseconds for_narration{100};
    constexpr milliseconds for_the_result{5'000};
    err_.limit_patience(for_narration);
    out_.limit_patience(for_the_result);
}

void Console::result(std::string_view text) {
    const int failure = out_.write(text);
    if (result_failure_ == 0 && failure != EPIPE && !out_terminal_) {
        result_failure_ = failure;
    }
}

void Console::narrate(std::string_view text) {
    if (!narration_lost_) {
        narration_lost_ = err_.write(text) == ETIMEDOUT;
        return;
    }
    narration_lost_ =
        err_.write(fmt::format("\n(output stood still and some of it is missing here; "
                               "the run's own log has all)\n{}",
                               text)) == ETIMEDOUT;
}

} // namespace drctl::app::views
