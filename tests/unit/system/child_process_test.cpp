// SPDX-License-Identifier: Apache-2.0
#include "drctl/error.hpp"
#include "system/files.hpp"
#include "system/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drctl::system {
namespace {

using namespace std::chrono_literals;

Argv script(const std::string& text) {
    return {"/bin/sh", "-c", text};
}

std::string read_to_end(int fd) {
    std::string result;
    std::array<char, 4096> buffer{};
    while (true) {
        pollfd watch{fd, POLLIN, 0};
        ::poll(&watch, 1, -1);
        const auto count = ::read(fd, buffer.data(), buffer.size());
        if (count <= 0 && errno != EAGAIN) {
            return result;
        }
        result.append(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    }
}

TEST(ChildProcess, StreamsItsOutputWhileItsErrorsAreKept) {
    // More on stderr than a pipe holds, first: nobody but the class itself empties it.
    ChildProcess child(script("head -c 1000000 /dev/zero | tr '\\0' e >&2; echo E >&2; "
                              "head -c 300000 /dev/zero; exit 2"),
                       {});
    EXPECT_EQ(read_to_end(child.output()).size(), 300'000U);
    const auto result = child.finish({});
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_TRUE(result.out.empty());
    ASSERT_EQ(result.err.size(), ProcessOptions{}.keep_output);
    EXPECT_TRUE(result.err.ends_with("eeeE\n"));
}

TEST(ChildProcess, IsKilledAndReapedWhenDropped) {
    pid_t pid = 0;
    {
        const ChildProcess child(script("echo $$; exec >&-; exec sleep 1000"), {});
        pid = std::stoi(read_to_end(child.output()));
        ASSERT_EQ(::kill(pid, 0), 0);
    }
    EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(ChildProcess, EndsWhenNobodyReadsOn) {
    ChildProcess child(script("exec cat /dev/zero"), {});
    EXPECT_EQ(child.finish({}).signal, SIGPIPE);
}

TEST(ChildProcess, DoesNotOutliveItsTime) {
    ProcessOptions options;
    options.timeout = 100ms;
    ChildProcess child({"sleep", "1000"}, options);
    EXPECT_TRUE(child.finish({}).timed_out);
}

TEST(ChildProcess, CanBeKilled) {
    ChildProcess child({"sleep", "1000"}, {});
    child.kill();
    EXPECT_EQ(child.finish({}).signal, SIGKILL);
}

TEST(ChildProcess, StopsWhenAskedTo) {
    StopSource stop;
    ChildProcess child({"sleep", "1000"}, {});
    stop.request(SIGTERM);
    try {
        child.finish(stop.token());
        ADD_FAILURE() << "it was not stopped";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::interrupted);
    }
}

TEST(ChildProcess, ThrowsWhenItCannotBeStarted) {
    EXPECT_THROW(ChildProcess({"no-such-program-here"}, {}), Error);
}

} // namespace
} // namespace drctl::system
