// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/byte_source.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace drctl::system {

/// Decompresses zstd, lz4, xz and bzip2 by libarchive: concatenated frames, and whatever
/// checksums the format carries. Anything else after the last frame is an error.
class ArchiveSource final : public ByteSource {
  public:
    /// `name` is for messages.
    ArchiveSource(ByteSource& compressed, Compression compression, std::string name);
    ~ArchiveSource() override;

    std::size_t read(std::span<std::byte> buffer) override;

  private:
    struct State;
    void open();
    void check_end();
    [[noreturn]] void fail(const std::string& what) const;
    [[noreturn]] void fail_by_archive() const;

    std::unique_ptr<State> state_;
};

} // namespace drctl::system
