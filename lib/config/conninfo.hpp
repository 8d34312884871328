// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drctl::config {

/// The keywords of a libpq connection string in keyword/value form (`host=/tmp port=5432`), in
/// the order written; nothing if it is malformed. Quoting as PQconninfoParse() reads it. Values
/// are not looked at: configuration is checked where no server and no libpq is needed.
std::optional<std::vector<std::string>> conninfo_keywords(std::string_view conninfo);

} // namespace drctl::config
