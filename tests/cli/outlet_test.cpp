// SPDX-License-Identifier: Apache-2.0
#include "views/outlet.hpp"

#include "pseudo_terminal.hpp"
#include "views/console.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <termios.h>
#include <unistd.h>

namespace drctl::app::views {
namespace {

using std::chrono::milliseconds;

/// A pipe of one page.
class Pipe {
  public:
    Pipe() {
        int ends[2];
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        in.reset(ends[0]);
        out.reset(ends[1]);
        ::fcntl(out.get(), F_SETPIPE_SZ, 4096);
    }
    /// All that is in it.
    std::string drain() {
        ::fcntl(in.get(), F_SETFL, O_NONBLOCK);
        std::string all;
        char some[4096];
        for (auto count = ::read(in.get(), some, sizeof some); count > 0;
             count = ::read(in.get(), some, sizeof some)) {
            all.append(some, static_cast<std::size_t>(count));
        }
        return all;
    }
    system::UniqueFd in, out;
};

const std::string more_than_fits(std::size_t{1} << 20, 'x');

TEST(Outlet, GivesUpOnAPipeThatNobodyReads) {
    const Pipe pipe;
    Outlet outlet(pipe.out.get());
    outlet.limit_patience(milliseconds(50));
    EXPECT_EQ(outlet.write(more_than_fits), ETIMEDOUT);
    EXPECT_EQ(outlet.write("more"), ETIMEDOUT);
}

TEST(Outlet, GoesOnOnceThePipeIsReadAgain) {
    Pipe pipe;
    Outlet outlet(pipe.out.get());
    outlet.limit_patience(milliseconds(50));
    EXPECT_EQ(outlet.write(more_than_fits), ETIMEDOUT);
    pipe.drain();
    EXPECT_EQ(outlet.write("again"), 0);
    EXPECT_EQ(pipe.drain(), "again");
}

TEST(Outlet, LeavesTheModesOfTheStreamAlone) {
    const Pipe pipe;
    Outlet outlet(pipe.out.get());
    outlet.limit_patience(milliseconds(50));
    EXPECT_EQ(::fcntl(pipe.out.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST(Outlet, TellsAReaderThatHasGoneAway) {
    ::signal(SIGPIPE, SIG_IGN); // as the program does
    Pipe pipe;
    Outlet outlet(pipe.out.get());
    outlet.limit_patience(milliseconds(50));
    pipe.in.reset();
    EXPECT_EQ(outlet.write("text"), EPIPE);
}

TEST(Console, TellsThatTheResultWasNotWritten) {
    const system::UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    Console console(STDIN_FILENO, full.get(), full.get());
    EXPECT_EQ(console.result_failure(), 0);
    console.result("{}\n");
    EXPECT_EQ(console.result_failure(), ENOSPC);
}

TEST(Console, LetsAReaderGo) {
    ::signal(SIGPIPE, SIG_IGN);
    Pipe pipe;
    pipe.in.reset();
    Console console(STDIN_FILENO, pipe.out.get(), pipe.out.get());
    console.result("{}\n");
    EXPECT_EQ(console.result_failure(), 0);
}

TEST(Console, NarratesPastATerminalThatStandsStill) {
    test::PseudoTerminal terminal;
    Console console(terminal.fd(), terminal.fd(), terminal.fd());
    console.wait_for_nobody();
    ASSERT_EQ(::tcflow(terminal.fd(), TCOOFF), 0); // as Ctrl-S does
    for (int line = 0; line < 1000; ++line) {
        console.narrate("a line that nobody sees\n");
    }
    ASSERT_EQ(::tcflow(terminal.fd(), TCOON), 0);
    console.narrate("the next one\n");
    const auto shown = terminal.printed();
    EXPECT_NE(shown.find("some of it is missing"), std::string::npos) << shown;
    EXPECT_NE(shown.find("the next one\n"), std::string::npos) << shown;
}

} // namespace
} // namespace drctl::app::views
