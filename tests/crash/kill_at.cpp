// SPDX-License-Identifier: Apache-2.0
//
// kill_at [--done] N CALL[,CALL…] -- PROGRAM ARG…
//
// Runs a program under ptrace(2) and kills it with SIGKILL at the N-th of the named system calls,
// counted over all its threads together: before the kernel does it, or with --done when it has.
// N = 0 only counts. An execve counts where the program's children make it; they are let go
// afterwards. The last line on stderr is `kill_at: calls=C killed=CALL`, with `-` for a program
// that made fewer calls; the exit status is the program's, or 137 if it was killed.
//
// strace's own injection counts each thread for itself, so that a run with workers has calls that
// no N reaches; a global count reaches every one.

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using CallNames = std::map<long, std::string>;

const std::map<std::string, std::set<long>> known_calls{
    {"rename", {SYS_rename, SYS_renameat, SYS_renameat2}},
    {"fsync", {SYS_fsync, SYS_fdatasync}},
    {"unlink", {SYS_unlink, SYS_unlinkat, SYS_rmdir}},
    {"mkdir", {SYS_mkdir, SYS_mkdirat}},
    {"execve", {SYS_execve, SYS_execveat}},
    {"connect", {SYS_connect}},
    {"send", {SYS_sendto, SYS_sendmsg}},
    {"write", {SYS_write, SYS_pwrite64, SYS_writev, SYS_ftruncate}},
};

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "kill_at: %s: %s\n", what.c_str(), std::strerror(errno));
    std::exit(125);
}

CallNames parse_calls(const std::string& list) {
    CallNames calls;
    std::istringstream names(list);
    for (std::string name; std::getline(names, name, ',');) {
        const auto known = known_calls.find(name);
        if (known == known_calls.end()) {
            errno = EINVAL;
            fail("unknown call '" + name + "'");
        }
        for (const long number : known->second) {
            calls[number] = name;
        }
    }
    return calls;
}

/// Sees every system call of every thread of one process, and its children up to their execve.
class Tracer {
  public:
    Tracer(long kill_at, bool when_done, CallNames calls)
        : kill_at_(kill_at), when_done_(when_done), calls_(std::move(calls)) {}

    int run(char** argv) {
        start(argv);
        while (true) {
            int status = 0;
            const auto thread = ::waitpid(-1, &status, __WALL);
            if (thread < 0) {
                break; // ECHILD: everybody is gone
            }
            handle(thread, status);
        }
        const bool killed = !killed_by_.empty();
        std::fprintf(stderr, "kill_at: calls=%ld killed=%s\n", seen_,
                     killed ? killed_by_.c_str() : "-");
        return killed ? 137 : exit_status_;
    }

  private:
    void start(char** argv) {
        process_ = ::fork();
        if (process_ < 0) {
            fail("fork");
        }
        if (process_ == 0) {
            ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
            ::raise(SIGSTOP);
            ::execvp(argv[0], argv);
            fail(argv[0]);
        }
        int status = 0;
        if (::waitpid(process_, &status, 0) != process_ || !WIFSTOPPED(status)) {
            fail("the program did not stop for tracing");
        }
        const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                             PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
        if (::ptrace(PTRACE_SETOPTIONS, process_, nullptr, options) != 0) {
            fail("PTRACE_SETOPTIONS");
        }
        resume(process_, 0);
    }

    void handle(pid_t thread, int status) {
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            known_.erase(thread);
            in_call_.erase(thread);
            if (thread == process_) {
                exit_status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            }
            return;
        }
        const int signal = WSTOPSIG(status);
        if (signal == (SIGTRAP | 0x80)) {
            on_system_call(thread);
            return;
        }
        const int event = status >> 16;
        if (event != 0) {
            on_event(thread, event);
            return;
        }
        // A new thread's or child's first stop; every other signal is the program's own.
        const bool is_birth = signal == SIGSTOP && known_.insert(thread).second;
        resume(thread, is_birth ? 0 : signal);
    }

    void on_event(pid_t thread, int event) {
        if (event == PTRACE_EVENT_EXEC && thread != process_) {
            if (thread == dies_at_exec_) {
                ::kill(process_, SIGKILL);
            }
            known_.erase(thread);
            in_call_.erase(thread);
            ::ptrace(PTRACE_DETACH, thread, nullptr, nullptr);
            return;
        }
        resume(thread, 0);
    }

    void on_system_call(pid_t thread) {
        known_.insert(thread);
        const bool enters = in_call_.insert(thread).second;
        if (!enters) {
            in_call_.erase(thread);
        }
        if (enters ? is_the_one(thread) && !when_done_ : thread == dies_on_return_) {
            ::kill(process_, SIGKILL);
            return; // a child at its execve dies with its parent
        }
        resume(thread, 0);
    }

    /// True at the entry of the N-th call; notes who is to be killed at its end.
    bool is_the_one(pid_t thread) {
        __ptrace_syscall_info info{};
        const auto size = reinterpret_cast<void*>(sizeof info);
        if (::ptrace(PTRACE_GET_SYSCALL_INFO, thread, size, &info) <= 0 ||
            info.op != PTRACE_SYSCALL_INFO_ENTRY) {
            return false;
        }
        const auto call = calls_.find(static_cast<long>(info.entry.nr));
        if (call == calls_.end() || is_own_start(info.entry.nr) || ++seen_ != kill_at_) {
            return false;
        }
        killed_by_ = call->second;
        if (when_done_) {
            (killed_by_ == "execve" ? dies_at_exec_ : dies_on_return_) = thread;
        }
        return true;
    }

    /// The traced program's own execve, by which it begins.
    bool is_own_start(unsigned long long number) {
        const bool is = number == SYS_execve && !started_;
        started_ = true;
        return is;
    }

    static void resume(pid_t thread, int signal) {
        ::ptrace(PTRACE_SYSCALL, thread, nullptr, static_cast<long>(signal));
    }

    long kill_at_;
    bool when_done_;
    CallNames calls_;
    pid_t process_ = -1;
    bool started_ = false;
    std::set<pid_t> known_;
    std::set<pid_t> in_call_;
    pid_t dies_on_return_ = -1;
    pid_t dies_at_exec_ = -1;
    long seen_ = 0;
    std::string killed_by_;
    int exit_status_ = 125;
};

} // namespace

int main(int argc, char** argv) {
    const bool when_done = argc > 1 && std::strcmp(argv[1], "--done") == 0;
    argv += when_done ? 1 : 0;
    argc -= when_done ? 1 : 0;
    if (argc < 5 || std::strcmp(argv[3], "--") != 0) {
        std::fprintf(stderr, "usage: kill_at [--done] N CALL[,CALL...] -- PROGRAM ARG...\n");
        return 125;
    }
    Tracer tracer(std::strtol(argv[1], nullptr, 10), when_done, parse_calls(argv[2]));
    return tracer.run(argv + 4);
}
