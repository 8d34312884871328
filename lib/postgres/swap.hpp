// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/connection.hpp"
#include "postgres/database.hpp"

#include <optional>
#include <string>
#include <vector>

namespace drctl::postgres {

/// How long somebody else may hold a lock on a database that is to be renamed.
inline constexpr system::Duration patience_with_holders{30'000};

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
/// Somebody who holds a lock on a database is waited for in short attempts, so that the clients
/// queueing behind ours are let in between them.
/// Nothing is committed that a kill could leave half. Throws Error(refused) if a name leads to
/// another OID than expected, Error(failed) if sessions do not go away, and what the server says of
/// a lock that is held for longer than `patience`, its holder in the hint.
void swap_databases(const Target& server, const Swap& swap, system::StopToken stop,
                    system::Duration patience = patience_with_holders);

/// One database gets another name in the same way. Throws as swap_databases() does.
void rename_database(const Target& server, Oid oid, const std::string& from, const std::string& to,
                     system::StopToken stop, system::Duration patience = patience_with_holders);

/// Disables the enabled subscriptions of a database and returns their names.
std::vector<std::string> disable_subscriptions(const Target& server, const std::string& database,
                                               system::StopToken stop);

} // namespace drctl::postgres
