// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/byte_source.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace drctl::system {

/// Decompresses gzip (RFC 1952) by ISA-L: concatenated members, CRC-32 of headers where they
/// have one, CRC-32 and length of the content. Anything else after a member is an error, also
/// zeros: whoever wrote them did not write this file as a whole.
class GzipSource final : public ByteSource {
  public:
    /// `name` is for messages.
    GzipSource(ByteSource& compressed, std::string name);
    ~GzipSource() override;

    std::size_t read(std::span<std::byte> buffer) override;

  private:
    struct State;
    /// Takes more input if there is none left; false at its end.
    bool have_input();
    /// Starts the next member; false at the end of the file.
    bool next_member();
    [[noreturn]] void fail(const std::string& what) const;
    [[noreturn]] void fail_truncated() const;

    ByteSource& compressed_;
    std::string name_;
    std::unique_ptr<State> state_;
};

} // namespace drctl::system
