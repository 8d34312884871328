// SPDX-License-Identifier: Apache-2.0
#include "system/stop.hpp"

#include "drctl/error.hpp"

#include <cstdint>
#include <sys/eventfd.h>

namespace drctl::system {

bool StopToken::stop_requested() const noexcept {
    return signal() != 0;
}

int StopToken::signal() const noexcept {
    return source_ == nullptr ? 0 : source_->signal_.load(std::memory_order_acquire);
}

int StopToken::wait_fd() const noexcept {
    return source_ == nullptr ? -1 : source_->event_.get();
}

void StopToken::throw_if_requested() const {
    if (stop_requested()) {
        throw Error(ErrorCode::interrupted, "interrupted");
    }
}

StopSource::StopSource() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!event_) {
        throw Error(ErrorCode::unreachable, "cannot create an event descriptor");
    }
}

void StopSource::request(int signal) noexcept {
    int none = 0;
    if (signal_.compare_exchange_strong(none, signal)) {
        const std::uint64_t one = 1;
        // The counter cannot overflow: it is written once.
        static_cast<void>(!::write(event_.get(), &one, sizeof one));
    }
}

} // namespace drctl::system
