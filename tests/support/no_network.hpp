// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <sched.h>
#include <thread>

namespace drctl::test {

/// Runs `action` in a thread that has a network namespace of its own, in which not even the
/// loopback interface is up. False if we may not make one (only root may); then nothing ran.
inline bool without_network(const std::function<void()>& action) {
    bool ran = false;
    std::thread([&action, &ran] {
        if (::unshare(CLONE_NEWNET) == 0) {
            ran = true;
            action();
        }
    }).join();
    return ran;
}

} // namespace drctl::test
