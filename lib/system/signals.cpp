// SPDX-License-Identifier: Apache-2.0
#include "system/signals.hpp"

#include "drctl/error.hpp"
#include "system/posix_error.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/signalfd.h>
#include <thread>
#include <unistd.h>

namespace drctl::system {
namespace {

/// By nohup(1), or by a shell that has put us into the background. Blocked, it would be queued all
/// the same.
bool is_ignored(int signal) noexcept {
    struct sigaction before {};
    return ::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN;
}

} // namespace

struct SignalWatcher::State {
    explicit State(StopSource& target) : stop(target) {
        sigset_t watched;
        sigemptyset(&watched);
        sigaddset(&watched, SIGTERM);
        for (const int signal : {SIGINT, SIGHUP}) {
            if (!is_ignored(signal)) {
                sigaddset(&watched, signal);
            }
        }
        ::pthread_sigmask(SIG_BLOCK, &watched, &mask_before);
        struct sigaction ignore {};
        ignore.sa_handler = SIG_IGN;
        ::sigaction(SIGPIPE, &ignore, &pipe_before);
        signals = UniqueFd(::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
        if (!signals) {
            const int error = errno;
            restore();
            throw posix_error(ErrorCode::unreachable, "watch signals", error);
        }
        watcher = std::thread([this] { watch(); });
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        end.request(SIGTERM);
        watcher.join();
        restore();
    }

    void restore() const noexcept {
        ::sigaction(SIGPIPE, &pipe_before, nullptr);
        ::pthread_sigmask(SIG_SETMASK, &mask_before, nullptr);
    }

    void watch() {
        while (!end.token().stop_requested()) {
            std::array<pollfd, 2> fds{
                {{signals.get(), POLLIN, 0}, {end.token().wait_fd(), POLLIN, 0}}};
            ::poll(fds.data(), fds.size(), -1);
            signalfd_siginfo info{};
            while (::read(signals.get(), &info, sizeof info) == sizeof info) {
                receive(static_cast<int>(info.ssi_signo));
            }
        }
    }

    void receive(int signal) noexcept {
        if (signal == SIGHUP && protected_from_hangup.load()) {
            return;
        }
        // The report and the exit code know two ways of being stopped.
        const int meaning = signal == SIGINT ? SIGINT : SIGTERM;
        if (asked_before) {
            ::_exit(128 + meaning);
        }
        asked_before = true;
        stop.request(meaning);
    }

    StopSource& stop;
    StopSource end;
    sigset_t mask_before{};
    struct sigaction pipe_before {};
    UniqueFd signals;
    std::atomic<bool> protected_from_hangup{false};
    bool asked_before = false; ///< by a signal; `--timeout` uses the same StopSource
    std::thread watcher;
};

SignalWatcher::SignalWatcher(StopSource& stop) : state_(std::make_unique<State>(stop)) {}

SignalWatcher::~SignalWatcher() = default;

void SignalWatcher::protect_from_hangup() noexcept {
    state_->protected_from_hangup.store(true);
}

} // namespace drctl::system
