// SPDX-License-Identifier: Apache-2.0
#include "system/process.hpp"

#include "drctl/error.hpp"
#include "system/files.hpp"

#include <csignal>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace drctl::system {
namespace {

using namespace std::chrono_literals;

ProcessResult run(const Argv& argv, const ProcessOptions& options = {}, StopToken stop = {}) {
    return SystemProcessRunner().run(argv, options, stop);
}

/// Runs a script of the test's; the library itself never uses a shell.
ProcessResult shell(const std::string& script, const ProcessOptions& options = {},
                    StopToken stop = {}) {
    return run({"/bin/sh", "-c", script}, options, stop);
}

ErrorCode code_of(const Argv& argv, const ProcessOptions& options = {}) {
    try {
        run(argv, options);
    } catch (const Error& error) {
        return error.code();
    }
    ADD_FAILURE() << "it ran";
    return ErrorCode::bug;
}

/// True once the process is gone or a zombie that waits for init; false after 30 s.
bool ends_soon(pid_t pid) {
    const SystemClock clock;
    for (const auto deadline = clock.steady() + 30s; clock.steady() < deadline;
         clock.wait_for(10ms, {})) {
        try {
            const auto stat = read_file("/proc/" + std::to_string(pid) + "/stat");
            if (stat.substr(stat.rfind(')')).starts_with(") Z")) {
                return true;
            }
        } catch (const Error&) {
            return true;
        }
    }
    return false;
}

TEST(Process, GivesStatusAndBothStreams) {
    const auto result = shell("echo out; echo err >&2; exit 3");
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_EQ(result.out, "out\n");
    EXPECT_EQ(result.err, "err\n");
    EXPECT_FALSE(result.succeeded());
    EXPECT_EQ(result.how_it_ended(), "exited with status 3");
}

TEST(Process, SaysItsLastLine) {
    ProcessResult result;
    EXPECT_EQ(result.last_line(), "");
    result.out = "one\ntwo\n \n\n";
    EXPECT_EQ(result.last_line(), "two");
    result.err = "\n";
    EXPECT_EQ(result.last_line(), "two");
    result.err = "error";
    EXPECT_EQ(result.last_line(), "error");
}

TEST(Process, QuotesNoSecretThatItsRunnerKnows) {
    Redactor redactor;
    redactor.add(Secret("hunter22"));
    const SystemProcessRunner processes(&redactor);
    const auto result = processes.run({"echo", "it is hunter22"}, {}, {});
    EXPECT_EQ(result.last_line(), "it is [redacted]");
    EXPECT_EQ(result.out, "it is hunter22\n") << "what is read is as it was said";
}

TEST(Process, TellsWhichSignalEndedIt) {
    const auto result = shell("kill -9 $$");
    EXPECT_EQ(result.signal, SIGKILL);
    EXPECT_EQ(result.how_it_ended(), "was killed by signal 9");
}

TEST(Process, KeepsTheTailOfALargeOutput) {
    ProcessOptions options;
    options.keep_output = 6;
    const auto result = shell("head -c 3000000 /dev/zero; echo last", options);
    EXPECT_EQ(result.out, std::string("\0last\n", 6));
}

TEST(Process, ReadsItsInputToTheEnd) {
    ProcessOptions options;
    options.input = std::string(1'000'000, 'x');
    EXPECT_EQ(run({"wc", "-c"}, options).out, "1000000\n");
    options.input.clear();
    EXPECT_EQ(run({"wc", "-c"}, options).out, "0\n");
}

TEST(Process, DoesNotMindAChildThatDoesNotReadItsInput) {
    ProcessOptions options;
    options.input = std::string(1'000'000, 'x');
    EXPECT_TRUE(run({"true"}, options).succeeded());
}

TEST(Process, TakesArgumentsLiterally) {
    EXPECT_EQ(run({"printf", "%s|", "$HOME", "a b", "*", ""}).out, "$HOME|a b|*||");
}

TEST(Process, AddsToTheEnvironmentAndReplacesInIt) {
    ProcessOptions options;
    options.environment = {{"DRCTL_TEST", "1"}, {"PATH", "/usr/bin:/bin"}};
    EXPECT_EQ(shell("echo $DRCTL_TEST $PATH; env | grep -c ^PATH=", options).out,
              "1 /usr/bin:/bin\n1\n");
}

TEST(Process, RunsInTheDirectoryGiven) {
    const TemporaryDirectory directory;
    ProcessOptions options;
    options.directory = directory.path();
    EXPECT_EQ(run({"pwd"}, options).out, directory.path().string() + "\n");
    options.directory = directory.path() / "none";
    EXPECT_EQ(code_of({"pwd"}, options), ErrorCode::unreachable);
}

TEST(Process, IsUnreachableWhenItIsNotThereOrNotExecutable) {
    EXPECT_EQ(code_of({"no-such-program-here"}), ErrorCode::unreachable);
    EXPECT_EQ(code_of({"/no/such/program"}), ErrorCode::unreachable);
    EXPECT_EQ(code_of({"/etc/passwd"}), ErrorCode::unreachable);
    try {
        run({"/etc/passwd"});
    } catch (const Error& error) {
        EXPECT_EQ(error.message(), "cannot run '/etc/passwd': Permission denied");
        EXPECT_EQ(error.context_value("errno"), "EACCES");
        EXPECT_FALSE(error.hint().empty());
    }
}

TEST(Process, IsKilledWithItsGroupWhenTheTimeIsOver) {
    ProcessOptions options;
    options.timeout = 300ms;
    const auto result = shell("sleep 1000 & echo $!; wait", options);
    EXPECT_TRUE(result.timed_out);
    EXPECT_EQ(result.how_it_ended(), "did not end within 300ms");
    EXPECT_TRUE(ends_soon(std::stoi(result.out)));
}

TEST(Process, LeavesDaemonsAloneAndDoesNotWaitForThem) {
    const auto result = shell("setsid sleep 1000 & echo $!");
    EXPECT_TRUE(result.succeeded());
    const pid_t daemon = std::stoi(result.out);
    EXPECT_EQ(::kill(daemon, SIGKILL), 0);
}

TEST(Process, EndsWhenAskedToStop) {
    const TemporaryDirectory directory;
    const auto fifo = (directory.path() / "fifo").string();
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    StopSource stop;
    pid_t child = 0;
    std::thread asker([&] {
        child = std::stoi(read_file(fifo)); // written once the child runs
        stop.request(SIGINT);
    });
    try {
        shell("echo $$ > " + fifo + "; exec sleep 1000", {}, stop.token());
        ADD_FAILURE() << "it was not stopped";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::interrupted);
    }
    asker.join();
    EXPECT_EQ(::kill(child, 0), -1) << "it was not reaped";
}

TEST(Process, IsNotStartedOnceStopped) {
    const TemporaryDirectory directory;
    StopSource stop;
    stop.request(SIGTERM);
    EXPECT_THROW(run({"touch", directory.path() / "file"}, {}, stop.token()), Error);
    EXPECT_FALSE(fs::exists(directory.path() / "file"));
}

TEST(Process, DiesWithUs) {
    const TemporaryDirectory directory;
    const auto fifo = (directory.path() / "fifo").string();
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    const pid_t us = ::fork();
    if (us == 0) {
        shell("echo $$ > " + fifo + "; exec sleep 1000");
        ::_exit(0);
    }
    const pid_t child = std::stoi(read_file(fifo));
    ::kill(us, SIGKILL);
    ::waitpid(us, nullptr, 0);
    EXPECT_TRUE(ends_soon(child));
}

TEST(Process, HasDefaultSignals) {
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    auto* const handler_before = ::signal(SIGPIPE, SIG_IGN);
    const auto out = run({"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"}).out;
    ::signal(SIGPIPE, handler_before);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    EXPECT_EQ(out, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST(Process, InheritsNoDescriptors) {
    const UniqueFd inherited(::open("/dev/null", O_RDONLY)); // on purpose without O_CLOEXEC
    // The fourth is that of the directory which ls reads.
    EXPECT_EQ(run({"ls", "/proc/self/fd"}).out, "0\n1\n2\n3\n");
}

TEST(Process, HasASessionOfItsOwn) {
    const auto out = shell("cut -d ' ' -f 1,5,6 /proc/self/stat; echo $$").out;
    // cut's own pid differs; its group and session are the shell's.
    const auto shell_pid = out.substr(out.find('\n') + 1, out.size() - out.find('\n') - 2);
    EXPECT_THAT(out, testing::HasSubstr(" " + shell_pid + " " + shell_pid + "\n"));
}

TEST(Process, RunsAsTheUserWithItsGroupsAndHome) {
    const auto user = find_user("nobody");
    if (!running_as_root() || !user) {
        GTEST_SKIP() << "needs root and a user 'nobody'";
    }
    ProcessOptions options;
    options.user = user;
    const auto out = shell("id -u; id -G; echo $HOME $USER $LOGNAME; pwd", options).out;
    EXPECT_EQ(out, std::to_string(user->uid) + "\n" + std::to_string(user->gid) + "\n" +
                       user->home + " nobody nobody\n/\n");
}

TEST(Process, RefusesAUserWeMayNotBecome) {
    const auto user = find_user("nobody");
    if (!running_as_root() || !user) {
        GTEST_SKIP() << "needs root and a user 'nobody'";
    }
    const pid_t child = ::fork();
    if (child == 0) {
        static_cast<void>(!::setresuid(user->uid, user->uid, user->uid));
        ProcessOptions options;
        options.user = find_user("root");
        ::_exit(code_of({"true"}, options) == ErrorCode::refused ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

TEST(Process, IsNotStartedWhileActingAsAnotherUser) {
    const auto user = find_user("nobody");
    if (!running_as_root() || !user) {
        GTEST_SKIP() << "needs root and a user 'nobody'";
    }
    const ActAs act(*user);
    EXPECT_EQ(code_of({"true"}), ErrorCode::bug);
}

TEST(FindProgram, LooksInThePath) {
    EXPECT_TRUE(find_program("sh"));
    EXPECT_EQ(find_program("/bin/sh"), std::filesystem::path("/bin/sh"));
    EXPECT_FALSE(find_program("no-such-program-here"));
    EXPECT_FALSE(find_program("/bin"));
    EXPECT_FALSE(find_program(""));
}

} // namespace
} // namespace drctl::system
