// SPDX-License-Identifier: Apache-2.0
#include "system/tail.hpp"

#include <array>
#include <cerrno>
#include <unistd.h>
#include <utility>

namespace drctl::system {

void Tail::append(std::string_view data) {
    data_.append(data);
    // Cut at twice the size, so that every byte is moved once at the most.
    if (data_.size() > 2 * keep_) {
        data_.erase(0, data_.size() - keep_);
    }
}

std::string Tail::take() {
    if (data_.size() > keep_) {
        data_.erase(0, data_.size() - keep_);
    }
    return std::move(data_);
}

bool drain(int fd, Tail& tail, std::size_t limit) {
    std::array<char, std::size_t{16} << 10> buffer; // NOLINT(*-member-init): filled by read
    for (std::size_t done = 0; done < limit;) {
        const auto count = ::read(fd, buffer.data(), buffer.size());
        if (count == 0) {
            return false;
        }
        if (count < 0 && errno != EINTR) {
            return errno == EAGAIN;
        }
        if (count > 0) {
            tail.append({buffer.data(), static_cast<std::size_t>(count)});
            done += static_cast<std::size_t>(count);
        }
    }
    return true;
}

} // namespace drctl::system
