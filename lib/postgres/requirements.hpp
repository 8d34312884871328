// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "postgres/connection.hpp"
#include "postgres/dump/outline.hpp"

#include <string>
#include <vector>

namespace drctl::postgres {

/// What a dump needs and the server does not have, in words (`role shop_owner`); empty if it can
/// be restored.
[[nodiscard]] DRCTL_API std::vector<std::string> missing_requirements(Connection& server,
                                                                      const dump::Outline& dump);

} // namespace drctl::postgres
