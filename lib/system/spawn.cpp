// SPDX-License-Identifier: Apache-2.0
#include "system/spawn.hpp"

#include "drctl/error.hpp"
#include "system/posix_error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/core.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drctl::system {
namespace {

/// Which call failed in the child, in words for "cannot run 'x': cannot ...".
enum class Stage : int { session, streams, user, directory, parent, exec };

struct ChildFailure {
    Stage stage;
    int error;
};

/// Everything the child needs, prepared before fork(2): in a process with threads only
/// async-signal-safe functions may be called between fork and execve.
struct Preparation {
    std::string program;
    std::vector<std::string> environment_text;
    std::vector<char*> argv;
    std::vector<char*> environment;
    std::string directory;
    const User* user = nullptr;
    UniqueFd in, out, err, failure; ///< the child's ends, all above 2
    pid_t parent = 0;
};

/// Moves a descriptor above 2, where dup2 onto the standard streams cannot overwrite it.
UniqueFd above_standard_streams(UniqueFd fd) {
    if (fd.get() > STDERR_FILENO) {
        return fd;
    }
    UniqueFd moved(::fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!moved) {
        throw posix_error(ErrorCode::unreachable, "start a program", errno);
    }
    return moved;
}

struct Pipe {
    UniqueFd read_end, write_end;
};

Pipe make_pipe() {
    std::array<int, 2> fds{};
    if (::pipe2(fds.data(), O_CLOEXEC) != 0) {
        throw posix_error(ErrorCode::unreachable, "make a pipe", errno);
    }
    UniqueFd read_end(fds[0]);
    UniqueFd write_end(fds[1]);
    return {above_standard_streams(std::move(read_end)),
            above_standard_streams(std::move(write_end))};
}

/// A pipe whose reading end (ours) does not block.
Pipe make_output_pipe() {
    auto pipe = make_pipe();
    if (::fcntl(pipe.read_end.get(), F_SETFL, O_NONBLOCK) != 0) {
        throw posix_error(ErrorCode::unreachable, "make a pipe", errno);
    }
    return pipe;
}

/// The child's stdin. A file in memory rather than a pipe: nobody has to feed it, and a child
/// that does not read cannot block us or raise SIGPIPE.
UniqueFd make_input(const std::string& input) {
    UniqueFd fd(input.empty() ? ::open("/dev/null", O_RDONLY | O_CLOEXEC)
                              : ::memfd_create("stdin", MFD_CLOEXEC));
    if (!fd) {
        throw posix_error(ErrorCode::unreachable, "prepare a program's input", errno);
    }
    for (std::size_t done = 0; done < input.size();) {
        const auto count = ::write(fd.get(), input.data() + done, input.size() - done);
        if (count < 0 && errno != EINTR) {
            throw posix_error(ErrorCode::unreachable, "prepare a program's input", errno);
        }
        done += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    if (!input.empty()) {
        ::lseek(fd.get(), 0, SEEK_SET);
    }
    return above_standard_streams(std::move(fd));
}

/// Ours, with `additions` in place of variables of the same name.
std::vector<std::string>
environment_with(const std::vector<std::pair<std::string, std::string>>& additions) {
    std::vector<std::string> result;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto name = text.substr(0, text.find('='));
        const bool replaced = std::any_of(additions.begin(), additions.end(),
                                          [name](const auto& pair) { return pair.first == name; });
        if (!replaced) {
            result.emplace_back(text);
        }
    }
    for (const auto& [name, value] : additions) {
        result.push_back(name + "=" + value);
    }
    return result;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (auto& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

std::string locate(const std::string& name) {
    if (name.find('/') != std::string::npos) {
        return name;
    }
    const auto path = find_program(name);
    if (!path) {
        throw Error(ErrorCode::unreachable,
                    fmt::format("cannot run '{}': there is no such program in $PATH", name),
                    "install it, or give its whole path")
            .with("errno", "ENOENT");
    }
    return path->string();
}

[[noreturn]] void give_up(int failure_fd, Stage stage) noexcept {
    const ChildFailure failure{stage, errno};
    static_cast<void>(!::write(failure_fd, &failure, sizeof failure));
    ::_exit(127);
}

void set_default_signals() noexcept {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) {
        ::sigaction(signal, &action, nullptr); // fails for SIGKILL and SIGSTOP, as it should
    }
}

/// Between fork and execve: async-signal-safe calls only, no allocation.
[[noreturn]] void become(const Preparation& prepared) noexcept {
    const int failure = prepared.failure.get();
    set_default_signals();
    // A session of its own: a process group that can be killed as one, no signals of our terminal,
    // and programs that would ask there for a password fail instead of waiting.
    if (::setsid() < 0) {
        give_up(failure, Stage::session);
    }
    if (::dup2(prepared.in.get(), STDIN_FILENO) < 0 ||
        ::dup2(prepared.out.get(), STDOUT_FILENO) < 0 ||
        ::dup2(prepared.err.get(), STDERR_FILENO) < 0) {
        give_up(failure, Stage::streams);
    }
    if (prepared.user != nullptr) {
        // Bare system calls: glibc's wrappers look for the process's other threads.
        const User& user = *prepared.user;
        if (::syscall(SYS_setgroups, user.groups.size(), user.groups.data()) != 0 ||
            ::syscall(SYS_setresgid, user.gid, user.gid, user.gid) != 0 ||
            ::syscall(SYS_setresuid, user.uid, user.uid, user.uid) != 0) {
            give_up(failure, Stage::user);
        }
    }
    if (!prepared.directory.empty() && ::chdir(prepared.directory.c_str()) != 0) {
        give_up(failure, Stage::directory);
    }
    // After the change of user, which would reset it. If our parent died before this call, no
    // signal will ever come: then end here.
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != prepared.parent) {
        give_up(failure, Stage::parent);
    }
    // Our own descriptors are O_CLOEXEC anyway; these are what we were started with. A kernel
    // without the call leaves them open, as every program does.
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    sigset_t none;
    sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    ::execve(prepared.program.c_str(), prepared.argv.data(), prepared.environment.data());
    give_up(failure, Stage::exec);
}

/// fork(2) with all signals blocked, so that no handler of ours runs in the child.
pid_t fork_and_become(const Preparation& prepared) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = ::fork();
    if (pid == 0) {
        become(prepared);
    }
    const int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0) {
        throw posix_error(ErrorCode::unreachable, "start a program", error);
    }
    return pid;
}

[[noreturn]] void fail_to_start(const Preparation& prepared, const ChildFailure& failure) {
    const auto text = errno_text(failure.error);
    const auto& program = prepared.program;
    switch (failure.stage) {
    case Stage::user:
        throw Error(
            ErrorCode::refused,
            fmt::format("cannot run '{}' as user '{}': {}", program, prepared.user->name, text),
            "run the same command as root, by sudo");
    case Stage::directory:
        throw Error(ErrorCode::unreachable, fmt::format("cannot run '{}' in directory '{}': {}",
                                                        program, prepared.directory, text));
    case Stage::session:
    case Stage::streams:
    case Stage::parent:
    case Stage::exec:
        break;
    }
    const int error = failure.error;
    throw Error(ErrorCode::unreachable, fmt::format("cannot run '{}': {}", program, text),
                error == ENOENT   ? "install it, or correct its path in the configuration"
                : error == EACCES ? fmt::format("'ls -l {}' shows who may execute it", program)
                                  : "")
        .with("errno", std::string(errno_name(error)));
}

/// Waits until the child has executed the program (the pipe closes) or has told why not.
void await_exec(const Preparation& prepared, int failure_pipe) {
    ChildFailure failure{};
    ssize_t count = -1;
    do {
        count = ::read(failure_pipe, &failure, sizeof failure);
    } while (count < 0 && errno == EINTR);
    if (count != 0) {
        fail_to_start(prepared, count == sizeof failure ? failure : ChildFailure{Stage::exec, EIO});
    }
}

Preparation prepare(const ProcessOptions& options, std::vector<std::string>& argv) {
    Preparation prepared;
    prepared.program = locate(argv.at(0));
    prepared.directory = options.directory.string();
    prepared.parent = ::getpid();
    auto additions = options.environment;
    if (options.user && options.user->uid != ::geteuid()) {
        prepared.user = &*options.user;
        const auto add = [&additions](const char* name, const std::string& value) {
            const bool given = std::any_of(additions.begin(), additions.end(),
                                           [name](const auto& pair) { return pair.first == name; });
            if (!given) {
                additions.emplace_back(name, value);
            }
        };
        add("HOME", options.user->home);
        add("USER", options.user->name);
        add("LOGNAME", options.user->name);
        if (prepared.directory.empty()) {
            prepared.directory = "/"; // ours may be closed to that user
        }
    }
    prepared.environment_text = environment_with(additions);
    prepared.environment = pointers_to(prepared.environment_text);
    prepared.argv = pointers_to(argv);
    prepared.in = make_input(options.input);
    return prepared;
}

} // namespace

Spawned spawn(const Argv& argv, const ProcessOptions& options) {
    if (argv.empty() || argv.front().empty()) {
        throw Error(ErrorCode::bug, "a program to run has no name");
    }
    if (::getuid() != ::geteuid()) {
        // The child would keep the real user, and could become it again.
        throw Error(ErrorCode::bug, "a program is started while acting as another user");
    }
    auto arguments = argv;
    auto prepared = prepare(options, arguments);
    auto out = make_output_pipe();
    auto err = make_output_pipe();
    auto failure = make_pipe();
    prepared.out = std::move(out.write_end);
    prepared.err = std::move(err.write_end);
    prepared.failure = std::move(failure.write_end);

    Spawned child;
    child.pid = fork_and_become(prepared);
    // glibc 2.36 declares pidfd_open() without C linkage.
    child.process = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
    if (!child.process) {
        throw posix_error(ErrorCode::unreachable, "watch a program", errno);
    }
    prepared.in.reset();
    prepared.out.reset();
    prepared.err.reset();
    prepared.failure.reset();
    await_exec(prepared, failure.read_end.get());
    child.out = std::move(out.read_end);
    child.err = std::move(err.read_end);
    return child;
}

Spawned::~Spawned() {
    ProcessResult ignored;
    kill_and_reap(ignored);
}

void Spawned::signal_group(int signal) const noexcept {
    if (pid > 0) {
        ::kill(-pid, signal);
    }
}

void Spawned::kill_and_reap(ProcessResult& result) noexcept {
    if (pid <= 0) {
        return;
    }
    signal_group(SIGKILL);
    reap(result);
}

void Spawned::reap(ProcessResult& result) noexcept {
    // A process that hangs in the kernel (a dead NFS server) does not even die of SIGKILL. Then it
    // is left to init, rather than that we hang with it.
    constexpr int patience_ms = 5'000;
    pollfd watch{process.get(), POLLIN, 0};
    while (::poll(&watch, 1, patience_ms) < 0 && errno == EINTR) {
    }
    int status = 0;
    const pid_t ended = ::waitpid(std::exchange(pid, -1), &status, WNOHANG);
    if (ended > 0 && WIFEXITED(status)) {
        result.exit_status = WEXITSTATUS(status);
    } else if (ended > 0 && WIFSIGNALED(status)) {
        result.signal = WTERMSIG(status);
    }
}

} // namespace drctl::system
