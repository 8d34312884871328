// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"

#include <libpq-fe.h>
#include <string_view>

namespace drctl::postgres {

/// What the server refused, as an Error with the context keys that Connection promises, and without
/// row data. `purpose` completes "cannot …"; `stopped`: a cancelled statement is what we asked for.
[[nodiscard]] Error error_of(std::string_view purpose, const PGresult& result, bool stopped);

} // namespace drctl::postgres
