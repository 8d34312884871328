// SPDX-License-Identifier: Apache-2.0
//
// kill_at N CALL[,CALL…] -- PROGRAM ARG…
//
// Runs a program under ptrace(2) and kills it with SIGKILL at the entry of the N-th of the named
// system calls, counted over all its threads together. N = 0 only counts. The last line on
// stderr is `kill_at: calls=C killed=0|1`; the exit status is the program's, or 137 if killed.
//
// strace's own injection counts each thread for itself, so that a run with workers has calls that
// no N reaches; a global count reaches every one. Programs that the traced one starts (fork, vfork)
// are not followed: killing those is a failure of theirs, which other tests show.

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

// "process" stands for starting one: glibc forks by clone, posix_spawn by clone3 or vfork.
const std::map<std::string, std::set<long>> known_calls{
    {"rename", {SYS_rename, SYS_renameat, SYS_renameat2}},
    {"fsync", {SYS_fsync, SYS_fdatasync}},
    {"unlink", {SYS_unlink, SYS_unlinkat, SYS_rmdir}},
    {"mkdir", {SYS_mkdir, SYS_mkdirat}},
    {"process", {SYS_clone, SYS_clone3, SYS_fork, SYS_vfork}},
    {"connect", {SYS_connect}},
    {"send", {SYS_sendto, SYS_sendmsg}},
    {"write", {SYS_write, SYS_pwrite64, SYS_writev, SYS_ftruncate}},
};

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "kill_at: %s: %s\n", what.c_str(), std::strerror(errno));
    std::exit(125);
}

std::set<long> parse_calls(const std::string& list) {
    std::set<long> calls;
    std::istringstream names(list);
    for (std::string name; std::getline(names, name, ',');) {
        const auto known = known_calls.find(name);
        if (known == known_calls.end()) {
            errno = EINVAL;
            fail("unknown call '" + name + "'");
        }
        calls.insert(known->second.begin(), known->second.end());
    }
    return calls;
}

/// Sees every system call of every thread of one process.
class Tracer {
  public:
    Tracer(long kill_at, std::set<long> calls) : kill_at_(kill_at), calls_(std::move(calls)) {}

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
        std::fprintf(stderr, "kill_at: calls=%ld killed=%d\n", seen_, killed_ ? 1 : 0);
        return killed_ ? 137 : exit_status_;
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
        const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
        if (::ptrace(PTRACE_SETOPTIONS, process_, nullptr, options) != 0) {
            fail("PTRACE_SETOPTIONS");
        }
        resume(process_, 0);
    }

    void handle(pid_t thread, int status) {
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
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
        const bool is_event = (status >> 16) != 0;
        // A new thread's first stop; every other signal is the program's own.
        const bool is_birth = signal == SIGSTOP && known_.insert(thread).second;
        resume(thread, is_event || is_birth ? 0 : signal);
    }

    void on_system_call(pid_t thread) {
        known_.insert(thread);
        if (!in_call_.insert(thread).second) {
            in_call_.erase(thread); // this stop is its exit
            resume(thread, 0);
            return;
        }
        __ptrace_syscall_info info{};
        const auto size = reinterpret_cast<void*>(sizeof info);
        if (::ptrace(PTRACE_GET_SYSCALL_INFO, thread, size, &info) > 0 &&
            info.op == PTRACE_SYSCALL_INFO_ENTRY &&
            calls_.count(static_cast<long>(info.entry.nr)) != 0 && ++seen_ == kill_at_) {
            killed_ = true;
            ::kill(process_, SIGKILL);
            return;
        }
        resume(thread, 0);
    }

    static void resume(pid_t thread, int signal) {
        ::ptrace(PTRACE_SYSCALL, thread, nullptr, static_cast<long>(signal));
    }

    long kill_at_;
    std::set<long> calls_;
    pid_t process_ = -1;
    std::set<pid_t> known_;
    std::set<pid_t> in_call_;
    long seen_ = 0;
    bool killed_ = false;
    int exit_status_ = 125;
};

} // namespace

int main(int argc, char** argv) {
    if (argc < 5 || std::strcmp(argv[3], "--") != 0) {
        std::fprintf(stderr, "usage: kill_at N CALL[,CALL...] -- PROGRAM ARG...\n");
        return 125;
    }
    Tracer tracer(std::strtol(argv[1], nullptr, 10), parse_calls(argv[2]));
    return tracer.run(argv + 4);
}
