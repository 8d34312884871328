// SPDX-License-Identifier: Apache-2.0
#include "views/outlet.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drctl::app::views {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Opens a terminal or a pipe once more. O_NONBLOCK on what we were given would be seen by the
/// shell and everybody else who has it. Nothing for other kinds, and where we may not.
system::UniqueFd open_again(int fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0 || !(S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode))) {
        return {};
    }
    const auto path = fmt::format("/proc/self/fd/{}", fd);
    return system::UniqueFd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

bool takes_more(int fd, milliseconds patience) {
    pollfd watch{fd, POLLOUT, 0};
    return ::poll(&watch, 1, static_cast<int>(std::max<milliseconds::rep>(patience.count(), 0))) >
           0;
}

} // namespace

void Outlet::limit_patience(milliseconds patience) {
    if (!limited_) {
        own_ = open_again(fd_);
    }
    limited_ = true;
    patience_ = patience;
}

int Outlet::write(std::string_view text) {
    return limited_ ? write_with_patience(text) : write_whatever_it_takes(text);
}

int Outlet::write_whatever_it_takes(std::string_view text) const {
    while (!text.empty()) {
        const auto written = ::write(fd_, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            // Somebody else made the terminal non-blocking.
            pollfd watch{fd_, POLLOUT, 0};
            ::poll(&watch, 1, -1);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

int Outlet::write_with_patience(std::string_view text) {
    const int fd = own_ ? own_.get() : fd_;
    // Whoever has stood still once is not waited for again, line by line, before it moves.
    auto deadline = Clock::now() + (stalled_ ? milliseconds(0) : patience_);
    while (!text.empty()) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
        if (!takes_more(fd, left)) {
            stalled_ = true;
            return ETIMEDOUT;
        }
        // So much a pipe takes at once when it takes anything, be it blocking or not.
        const auto written = ::write(fd, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
            stalled_ = false;
            deadline = Clock::now() + patience_;
        } else if (errno != EINTR && errno != EAGAIN) {
            return errno;
        } else if (Clock::now() >= deadline) {
            stalled_ = true;
            return ETIMEDOUT;
        }
    }
    return 0;
}

} // namespace drctl::app::views
