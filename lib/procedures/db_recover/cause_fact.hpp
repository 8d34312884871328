// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/causes.hpp"

#include <string>

namespace drctl::procedures {

/// A cause as a journaled fact (JSON), and back; throws Error(damaged) for what is none.
[[nodiscard]] std::string to_fact(const postgres::Cause& cause);
[[nodiscard]] postgres::Cause cause_from_fact(const std::string& fact);

} // namespace drctl::procedures
