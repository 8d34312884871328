// SPDX-License-Identifier: Apache-2.0
#include "system/program_source.hpp"

#include "drctl/error.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

namespace drctl::system {

ProgramSource::ProgramSource(const Argv& argv, StopToken stop)
    : name_(std::filesystem::path(argv.front()).filename().string()), stop_(stop),
      child_(argv, ProcessOptions{}) {
    // With the 64 KiB of a new pipe the two would wait for each other most of the time. A refusal
    // (the user's pipes hold too much already) costs time only.
    constexpr int pipe_size = 1 << 20;
    static_cast<void>(::fcntl(child_.output(), F_SETPIPE_SZ, pipe_size));
}

std::size_t ProgramSource::read(std::span<std::byte> buffer) {
    ssize_t got = -1;
    do {
        wait();
        got = ::read(child_.output(), buffer.data(), buffer.size());
    } while (got < 0 && (errno == EINTR || errno == EAGAIN));
    if (got < 0) {
        throw Error(ErrorCode::failed,
                    fmt::format("cannot read from {}: {}", name_, std::strerror(errno)));
    }
    if (got == 0) {
        finish();
    }
    consumed_ += static_cast<std::uint64_t>(got);
    return static_cast<std::size_t>(got);
}

void ProgramSource::wait() {
    std::array<pollfd, 2> watch{{{child_.output(), POLLIN, 0}, {stop_.wait_fd(), POLLIN, 0}}};
    while (::poll(watch.data(), watch.size(), -1) < 0 && errno == EINTR) {
    }
    stop_.throw_if_requested();
}

void ProgramSource::finish() {
    const auto result = child_.finish(stop_);
    if (!result.succeeded()) {
        const auto first = result.err.substr(0, result.err.find('\n'));
        throw Error(ErrorCode::damaged, fmt::format("{} cannot read it to the end: {}", name_,
                                                    first.empty() ? result.how_it_ended() : first));
    }
}

} // namespace drctl::system
