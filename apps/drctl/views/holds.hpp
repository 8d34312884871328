// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/hold.hpp"

#include <string>

namespace drctl::app::views {

[[nodiscard]] std::string human_hold(const engine::Hold& hold);
/// Schema drctl.hold/1.
[[nodiscard]] std::string hold_as_json(const engine::Hold& hold);

[[nodiscard]] std::string human_unhold(const std::string& target, bool removed);
[[nodiscard]] std::string unhold_as_json(const std::string& target, bool removed);

} // namespace drctl::app::views
