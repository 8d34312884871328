// SPDX-License-Identifier: Apache-2.0
#include "views/prompter.hpp"

#include "drctl/error.hpp"
#include "views/text.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace drctl::app::views {

bool TerminalPrompter::go_ahead(const std::string& question) {
    // What was typed before the question was seen is no answer to it.
    ::tcflush(console_.in(), TCIFLUSH);
    console_.narrate(fmt::format("{} [y/N] ", printable(question)));
    const auto answer = read_line();
    return answer == "y" || answer == "Y" || answer == "yes";
}

bool TerminalPrompter::agree_to_loss(const std::string& target, const std::string& loss) {
    ::tcflush(console_.in(), TCIFLUSH);
    const auto& style = console_.err_style();
    console_.narrate(
        fmt::format("{} {}\nType {} to agree, or press Enter to leave everything as it is: ",
                    style.paint(Tone::bad, "This loses"), printable(loss),
                    style.paint(Tone::strong, fmt::format("'{}'", printable(target)))));
    return read_line() == target;
}

std::optional<std::string> TerminalPrompter::read_line() {
    std::string line;
    while (true) {
        pollfd watched[] = {{console_.in(), POLLIN, 0}, {stop_.wait_fd(), POLLIN, 0}};
        ::poll(watched, 2, -1);
        if (stop_.stop_requested()) {
            console_.narrate("\n");
            stop_.throw_if_requested();
        }
        char letter = 0;
        const auto count = ::read(console_.in(), &letter, 1);
        if (count == 1 && letter != '\n') {
            line.push_back(letter);
        } else if (count == 1) {
            return line;
        } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
            console_.narrate("\n");
            return std::nullopt;
        }
    }
}

} // namespace drctl::app::views
