// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drctl::app {

/// The candidate that was probably meant: at most a third of its letters differ, counting
/// neighbours in the wrong order as one (optimal string alignment distance); or a candidate that
/// begins with the word. Nothing if none is near or two are equally near.
[[nodiscard]] std::optional<std::string> suggest(std::string_view word,
                                                 const std::vector<std::string>& candidates);

} // namespace drctl::app
