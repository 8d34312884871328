// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace drctl::system {

/// A value that must not be seen. It has no formatter and no stream operator on purpose:
/// whoever needs it says `reveal()` where a reviewer can find it. Wiped when destroyed.
class DRCTL_API Secret {
  public:
    Secret() = default;
    explicit Secret(std::string value) noexcept : value_(std::move(value)) {}
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret& other) = default;
    Secret& operator=(const Secret& other);
    ~Secret();

    [[nodiscard]] const std::string& reveal() const noexcept { return value_; }
    [[nodiscard]] bool empty() const noexcept { return value_.empty(); }

  private:
    std::string value_;
};

/// Replaces every known secret in text that passes through us (error strings, output of
/// programs, URLs) by `[redacted]`. Values shorter than four bytes are not looked for: they
/// would redact half of every sentence. Threads may share one.
class DRCTL_API Redactor {
  public:
    void add(const Secret& secret);
    [[nodiscard]] std::string redact(std::string_view text) const;

  private:
    mutable std::mutex mutex_;
    std::vector<Secret> secrets_;
};

} // namespace drctl::system
