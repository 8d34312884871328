// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "system/process.hpp"

#include <string>
#include <string_view>

namespace drctl::system {

/// A word as a person can paste it into a POSIX shell: in single quotes where it needs them.
/// Only for text that is shown; drctl itself never goes through a shell.
[[nodiscard]] DRCTL_API std::string shell_word(std::string_view word);

/// The words of a command line, each as above.
[[nodiscard]] DRCTL_API std::string shell_line(const Argv& argv);

} // namespace drctl::system
