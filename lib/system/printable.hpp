// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"

#include <string>
#include <string_view>

namespace drctl::system {

/// Text from elsewhere made safe to print: control characters (also C1 and the bidirectional
/// overrides, which can make a line read as another one) and bytes that are no UTF-8 become
/// `\xNN` or `\u{NNNN}`. Line feeds become a blank, so that one message stays one line.
[[nodiscard]] DRCTL_API std::string printable(std::string_view text);

} // namespace drctl::system
