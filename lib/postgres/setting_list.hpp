// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace drctl::postgres {

class Connection;

/// The values to write in `ALTER DATABASE … SET name TO …` for a value as pg_db_role_setting keeps
/// it. Parameters that are lists of quoted names (search_path and its like) are kept as one text
/// with the quotes inside and must be taken apart; all others are one value.
/// Source: variable_is_guc_list_quote() and SplitGUCList() of PostgreSQL's src/bin/pg_dump.
[[nodiscard]] std::vector<std::string> setting_values(const std::string& name,
                                                      const std::string& value);

/// `app.tenant` with each part quoted as an identifier.
[[nodiscard]] std::string quoted_setting_name(const Connection& connection,
                                              const std::string& name);

} // namespace drctl::postgres
