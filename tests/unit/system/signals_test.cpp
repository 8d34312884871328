// SPDX-License-Identifier: Apache-2.0
#include "system/signals.hpp"

#include "system/clock.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drctl::system {
namespace {

using namespace std::chrono_literals;

/// Waits until the watcher thread has passed a signal on.
bool stopped_soon(const StopSource& stop) {
    const SystemClock clock;
    return !clock.wait_for(30s, stop.token());
}

/// Signals as a terminal hands them out, however the tests were started.
class SignalWatcherTest : public testing::Test {
  protected:
    SignalWatcherTest()
        : interrupt_before_(std::signal(SIGINT, SIG_DFL)),
          hangup_before_(std::signal(SIGHUP, SIG_DFL)) {}
    ~SignalWatcherTest() override {
        std::signal(SIGINT, interrupt_before_);
        std::signal(SIGHUP, hangup_before_);
    }

  private:
    sighandler_t interrupt_before_;
    sighandler_t hangup_before_;
};
using SignalWatcherDeathTest = SignalWatcherTest;

TEST_F(SignalWatcherTest, TurnsTheFirstSignalIntoAStop) {
    StopSource stop;
    const SignalWatcher watcher(stop);
    ::kill(::getpid(), SIGINT);
    ASSERT_TRUE(stopped_soon(stop));
    EXPECT_EQ(stop.token().signal(), SIGINT);
}

TEST_F(SignalWatcherTest, TakesAHangupForATermination) {
    StopSource stop;
    const SignalWatcher watcher(stop);
    ::kill(::getpid(), SIGHUP);
    ASSERT_TRUE(stopped_soon(stop));
    EXPECT_EQ(stop.token().signal(), SIGTERM);
}

TEST_F(SignalWatcherTest, IgnoresHangupsOnceTheRunIsConfirmed) {
    StopSource stop;
    SignalWatcher watcher(stop);
    watcher.protect_from_hangup();
    // The kernel hands out the lowest number first: were the hangup (1) not ignored, it would be
    // what stops, not the interrupt (2).
    ::kill(::getpid(), SIGHUP);
    ::kill(::getpid(), SIGINT);
    ASSERT_TRUE(stopped_soon(stop));
    EXPECT_EQ(stop.token().signal(), SIGINT);
}

TEST_F(SignalWatcherTest, LeavesIgnoredWhatWasIgnored) {
    struct Row {
        int ignored;
        int other; ///< a higher number, which the kernel hands out later
    };
    for (const auto& row : {Row{SIGHUP, SIGINT}, Row{SIGINT, SIGTERM}}) {
        std::signal(row.ignored, SIG_IGN);
        StopSource stop;
        const SignalWatcher watcher(stop);
        ::kill(::getpid(), row.ignored);
        ::kill(::getpid(), row.other);
        ASSERT_TRUE(stopped_soon(stop));
        EXPECT_EQ(stop.token().signal(), row.other);
    }
}

TEST_F(SignalWatcherDeathTest, EndsAtOnceOnTheSecondSignal) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto interrupted_twice = [] {
        StopSource stop;
        const SignalWatcher watcher(stop);
        ::kill(::getpid(), SIGTERM);
        if (stopped_soon(stop)) {
            ::kill(::getpid(), SIGINT);
            ::pause();
        }
    };
    EXPECT_EXIT(interrupted_twice(), testing::ExitedWithCode(130), "");
}

TEST_F(SignalWatcherTest, RestoresWhatItFound) {
    {
        StopSource stop;
        const SignalWatcher watcher(stop);
    }
    sigset_t mask;
    ASSERT_EQ(::pthread_sigmask(SIG_SETMASK, nullptr, &mask), 0);
    EXPECT_EQ(sigismember(&mask, SIGINT), 0);
    struct sigaction action {};
    ASSERT_EQ(::sigaction(SIGPIPE, nullptr, &action), 0);
    EXPECT_EQ(action.sa_handler, SIG_DFL);
}

} // namespace
} // namespace drctl::system
