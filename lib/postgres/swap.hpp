// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/connection.hpp"
#include "postgres/database.hpp"

#include <optional>
#include <string>
#include <vector>

namespace drctl::postgres {

/// One database takes another one's name. Told by OID, so that it can never be done twice or to
/// the wrong one.
struct Swap {
    std::string live;            ///< the public name
    std::optional<Oid> live_oid; ///< who has it now; nothing: nobody
    std::string aside;           ///< the name that one gets
    Oid copy_oid = 0;            ///< who gets the public name
};

/// Both renames in one transaction. The first takes the exclusive lock of the live database;
/// from then on new sessions wait, while a second connection ends the ones there are. Clients that
/// were caught see one error, reconnect, and find the new database under the old name.
/// Nothing is committed that a kill could leave half. Throws Error(refused) if a name leads to
/// another OID than expected, Error(failed) if sessions do not go away.
void swap_databases(const Target& server, const Swap& swap, system::StopToken stop);

/// Disables the enabled subscriptions of a database and returns their names.
std::vector<std::string> disable_subscriptions(const Target& server, const std::string& database,
                                               system::StopToken stop);

} // namespace drctl::postgres
