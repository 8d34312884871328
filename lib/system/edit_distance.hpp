// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"

#include <cstddef>
#include <string_view>

namespace drctl::system {

/// How many characters were left out, added, changed or swapped with their neighbour: the
/// optimal string alignment distance.
[[nodiscard]] DRCTL_API std::size_t edits_between(std::string_view one, std::string_view other);

} // namespace drctl::system
