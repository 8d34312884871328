// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <sched.h>
#include <sys/mount.h>
#include <thread>

namespace drctl::test {

/// Runs `action` in a thread that sees no certificates of authorities, as on a machine without
/// the package ca-certificates. False if we may not hide them (only root may); then nothing ran.
inline bool without_certificates(const std::function<void()>& action) {
    const auto* const directory = "/etc/ssl/certs";
    bool ran = false;
    std::thread([&action, &ran, directory] {
        const bool hidden = ::unshare(CLONE_NEWNS) == 0 &&
                            ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                            (!std::filesystem::exists(directory) ||
                             ::mount("tmpfs", directory, "tmpfs", MS_RDONLY, nullptr) == 0);
        if (hidden) {
            ran = true;
            action();
        }
    }).join();
    return ran;
}

} // namespace drctl::test
