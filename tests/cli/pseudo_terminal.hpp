// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/unique_fd.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace drctl::test {

/// A terminal with a test on the other side.
class PseudoTerminal {
  public:
    explicit PseudoTerminal(unsigned short columns = 80)
        : ours_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
        ::grantpt(ours_.get());
        ::unlockpt(ours_.get());
        char name[64];
        ::ptsname_r(ours_.get(), name, sizeof name);
        theirs_.reset(::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
        termios modes{};
        ::tcgetattr(theirs_.get(), &modes);
        modes.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        modes.c_oflag &= ~static_cast<tcflag_t>(OPOST);
        ::tcsetattr(theirs_.get(), TCSANOW, &modes);
        const winsize size{24, columns, 0, 0};
        ::ioctl(theirs_.get(), TIOCSWINSZ, &size);
    }

    /// The side of the program under test.
    [[nodiscard]] int fd() const noexcept { return theirs_.get(); }
    void type(std::string_view text) {
        static_cast<void>(!::write(ours_.get(), text.data(), text.size()));
    }
    /// What has been printed since the last call. The kernel hands output over in its own time, so
    /// that a mark is sent after it and waited for.
    std::string printed() {
        constexpr char mark = '\x01';
        static_cast<void>(!::write(theirs_.get(), &mark, 1));
        std::string text;
        while (text.empty() || text.back() != mark) {
            text += wait_and_read();
        }
        text.pop_back();
        return text;
    }
    /// Waits until something is printed and returns it; more may follow.
    std::string wait_and_read() {
        pollfd watch{ours_.get(), POLLIN, 0};
        ::poll(&watch, 1, -1);
        std::string text(4096, '\0');
        const auto count = ::read(ours_.get(), text.data(), text.size());
        text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return text;
    }

  private:
    system::UniqueFd ours_;
    system::UniqueFd theirs_;
};

} // namespace drctl::test
