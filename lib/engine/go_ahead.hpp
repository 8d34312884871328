// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/environment.hpp"
#include "engine/ladder.hpp"

#include <string>

namespace drctl::engine {

/// Asks the question, unless --yes has answered it. Throws Error(usage) with the hint where there
/// is nobody to ask, Error(refused) where the answer is no.
void ask_to_go_ahead(const std::string& question, const std::string& hint,
                     const Environment& environment, const RunRequest& request);

} // namespace drctl::engine
