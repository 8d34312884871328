// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace drctl::system {

/// SHA-256 of a stream of bytes (FIPS 180-4), by libcrypto.
class Sha256 {
  public:
    Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    ~Sha256();
    void update(std::span<const std::byte> data);
    /// 64 lowercase hexadecimal digits. The object is spent afterwards.
    [[nodiscard]] std::string hex();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

[[nodiscard]] DRCTL_API std::string sha256_hex(std::string_view data);
[[nodiscard]] std::string sha256_of_file(const std::filesystem::path& path);

} // namespace drctl::system
