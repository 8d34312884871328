// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"

#include <filesystem>
#include <string_view>

namespace drctl::system {

/// `cannot WHAT 'PATH': No space left on device`, with errno's name in the context as "errno"
/// and a hint where a person can do something about it. `error` is an errno value.
[[nodiscard]] Error posix_error(ErrorCode code, std::string_view what,
                                const std::filesystem::path& path, int error);

/// Failed calls that concern no path: `cannot WHAT: Too many open files`.
[[nodiscard]] Error posix_error(ErrorCode code, std::string_view what, int error);

/// `ENOSPC`.
[[nodiscard]] std::string_view errno_name(int error) noexcept;
/// errno's text, as strerror(3) but safe in threads and never translated.
[[nodiscard]] std::string_view errno_text(int error) noexcept;

} // namespace drctl::system
