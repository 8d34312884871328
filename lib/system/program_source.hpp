// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/byte_source.hpp"
#include "system/process.hpp"

#include <cstdint>
#include <string>

namespace drctl::system {

/// What a program writes to its stdout. The end is reported only once the program has ended well:
/// a program that fails is an Error(damaged) with the first line it said. Like ChildProcess it
/// belongs to the thread that makes it. `stop` is asked whenever there is nothing to read yet.
class ProgramSource final : public ByteSource {
  public:
    /// Errors: those of ProcessRunner::run.
    ProgramSource(const Argv& argv, StopToken stop);

    std::size_t read(std::span<std::byte> buffer) override;

    /// Bytes read so far.
    [[nodiscard]] std::uint64_t consumed() const noexcept { return consumed_; }

  private:
    void wait();
    void finish();

    std::string name_;
    StopToken stop_;
    ChildProcess child_;
    std::uint64_t consumed_ = 0;
};

} // namespace drctl::system
