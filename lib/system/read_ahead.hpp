// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/byte_source.hpp"

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace drctl::system {

/// Reads another source on a thread of its own, ahead of the reader by at most `blocks` blocks,
/// which are all the memory it takes. What the source throws is thrown to the reader, after
/// the bytes that came before it.
class ReadAhead final : public ByteSource {
  public:
    ReadAhead(ByteSource& source, std::size_t block_size, unsigned blocks);
    ~ReadAhead() override;

    std::size_t read(std::span<std::byte> buffer) override;

  private:
    struct Block {
        std::vector<std::byte> data;
        std::size_t size = 0;
    };
    void fill();
    /// The block that is read next, waiting for it if need be; nullptr at the end.
    Block* front();
    void release_front();

    ByteSource& source_;
    std::vector<Block> ring_;
    std::mutex mutex_;
    std::condition_variable filled_one_, taken_one_;
    std::size_t filled_ = 0; ///< blocks ever filled, under the mutex
    std::size_t taken_ = 0;  ///< blocks ever taken, under the mutex
    bool ended_ = false;     ///< no block will follow, under the mutex
    bool cancelled_ = false; ///< nobody reads on, under the mutex
    std::exception_ptr failure_;
    std::size_t offset_ = 0; ///< in the front block, the reader's own
    std::thread thread_;
};

} // namespace drctl::system
