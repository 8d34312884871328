// SPDX-License-Identifier: Apache-2.0
#include "views/console.hpp"

#include <cerrno>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace drctl::app::views {
namespace {

// Returns 0 or errno.
int write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(fd, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            // Somebody else made the terminal non-blocking.
            pollfd watch{fd, POLLOUT, 0};
            ::poll(&watch, 1, -1);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

} // namespace

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
    return ::ioctl(err_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void Console::result(std::string_view text) {
    const int failure = write_all(out_, text);
    if (result_failure_ == 0) {
        result_failure_ = failure;
    }
}

void Console::narrate(std::string_view text) {
    static_cast<void>(write_all(err_, text));
}

} // namespace drctl::app::views
