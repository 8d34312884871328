// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "context.hpp"
#include "procedures/status/status.hpp"

/// What `drctl status` and `drctl` alone have in common.
namespace drctl::app::commands {

inline constexpr std::chrono::seconds usual_patience{10};

/// Looks at everything that the options' configuration has. Throws what loading it throws.
[[nodiscard]] procedures::StatusItems status_now(const Context& context, system::Duration patience);

} // namespace drctl::app::commands
