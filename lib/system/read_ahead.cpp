// SPDX-License-Identifier: Apache-2.0
#include "system/read_ahead.hpp"

#include <algorithm>
#include <cstring>

namespace drctl::system {

ReadAhead::ReadAhead(ByteSource& source, std::size_t block_size, unsigned blocks)
    : source_(source), ring_(blocks) {
    for (auto& block : ring_) {
        block.data.resize(block_size);
    }
    thread_ = std::thread([this] { fill(); });
}

ReadAhead::~ReadAhead() {
    {
        const std::lock_guard lock(mutex_);
        cancelled_ = true;
    }
    taken_one_.notify_one();
    thread_.join();
}

void ReadAhead::fill() {
    bool more = true;
    while (more) {
        Block* block = nullptr;
        {
            std::unique_lock lock(mutex_);
            taken_one_.wait(lock, [this] { return cancelled_ || filled_ - taken_ < ring_.size(); });
            if (cancelled_) {
                return;
            }
            block = &ring_[filled_ % ring_.size()];
        }
        std::exception_ptr failure;
        try {
            block->size = source_.read(block->data);
        } catch (...) {
            block->size = 0;
            failure = std::current_exception();
        }
        more = block->size > 0;
        {
            const std::lock_guard lock(mutex_);
            filled_ += more ? 1 : 0;
            ended_ = !more;
            failure_ = failure;
        }
        filled_one_.notify_one();
    }
}

ReadAhead::Block* ReadAhead::front() {
    std::unique_lock lock(mutex_);
    filled_one_.wait(lock, [this] { return ended_ || filled_ > taken_; });
    if (filled_ > taken_) {
        return &ring_[taken_ % ring_.size()];
    }
    if (failure_) {
        std::rethrow_exception(failure_);
    }
    return nullptr;
}

void ReadAhead::release_front() {
    {
        const std::lock_guard lock(mutex_);
        ++taken_;
    }
    offset_ = 0;
    taken_one_.notify_one();
}

std::size_t ReadAhead::read(std::span<std::byte> buffer) {
    std::size_t done = 0;
    while (done < buffer.size()) {
        Block* const block = front();
        if (block == nullptr) {
            break;
        }
        const auto count = std::min(buffer.size() - done, block->size - offset_);
        std::memcpy(buffer.data() + done, block->data.data() + offset_, count);
        done += count;
        offset_ += count;
        if (offset_ == block->size) {
            release_front();
        }
    }
    return done;
}

} // namespace drctl::system
