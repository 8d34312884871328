// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"

#include <string>
#include <string_view>

namespace drctl::postgres {

/// The longest name PostgreSQL keeps, in bytes (NAMEDATALEN - 1).
inline constexpr std::size_t longest_name = 63;

// Names of the databases that a run makes, derived from its id, so that a later process finds
// them again: `shop__copy_20261123t031502z_7f3a`. A name that would be too long is cut, at a whole
// UTF-8 character, and told apart by a hash of the whole.

/// The copy that is restored beside the live database.
[[nodiscard]] DRCTL_API std::string copy_name(std::string_view live, std::string_view run_id);
/// What the live database is called once it has been replaced.
[[nodiscard]] DRCTL_API std::string kept_name(std::string_view live, std::string_view run_id);
/// True for a name that copy_name() or kept_name() made: the only ones that are ever dropped.
[[nodiscard]] DRCTL_API bool is_made_by_a_run(std::string_view name);

} // namespace drctl::postgres
