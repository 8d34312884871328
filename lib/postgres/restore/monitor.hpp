// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/stop.hpp"
#include "system/unique_fd.hpp"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

namespace drctl::postgres::restore {

/// What the threads of a restore share: one lock for everything that is not a session's own, one
/// condition, and the first failure, which ends every wait of every thread. It is locked a few
/// times per statement or chunk of rows, never per row.
class Monitor {
  public:
    using Guard = std::unique_lock<std::mutex>;

    /// A stop requested of `outer` is a failure like others.
    explicit Monitor(system::StopToken outer);
    Monitor(const Monitor&) = delete;
    Monitor& operator=(const Monitor&) = delete;
    ~Monitor();

    [[nodiscard]] Guard enter() { return Guard(mutex_); }
    /// Something that others may wait for has changed.
    void changed() noexcept { condition_.notify_all(); }

    /// Waits until `ready()`. Throws the failure if there is one.
    template <typename Ready>
    void wait(Guard& guard, Ready ready) {
        condition_.wait(guard, [&] { return failure_ != nullptr || ready(); });
        check();
    }
    /// The same for at most `patience`; false if that was too short.
    template <typename Ready>
    bool wait_for(Guard& guard, std::chrono::milliseconds patience, Ready ready) {
        const bool came =
            condition_.wait_for(guard, patience, [&] { return failure_ != nullptr || ready(); });
        check();
        return came;
    }

    /// The first failure counts; statements that run are cancelled.
    void fail(std::exception_ptr failure) noexcept;
    /// Throws the failure if there is one.
    void throw_failure() {
        const auto guard = enter();
        check();
    }
    /// For connections and sources: fires with the first failure.
    [[nodiscard]] system::StopToken token() const noexcept { return abort_.token(); }

  private:
    void check() const {
        if (failure_ != nullptr) {
            std::rethrow_exception(failure_);
        }
    }
    void relay(system::StopToken outer) noexcept;

    std::mutex mutex_;
    std::condition_variable condition_;
    std::exception_ptr failure_;
    system::StopSource abort_;
    system::StopSource closing_;
    std::thread relay_;
};

} // namespace drctl::postgres::restore
