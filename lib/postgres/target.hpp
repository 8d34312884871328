// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/types.hpp"
#include "drctl/export.hpp"
#include "system/secret.hpp"

#include <string>
#include <utility>
#include <vector>

namespace drctl::postgres {

/// Where a server is and how to get in. The password is in no string that could be logged.
struct Target {
    std::string conninfo; ///< libpq conninfo or URI, without dbname and password
    std::string dbname;
    system::Secret password;
    /// The account to be when the server listens on a Unix-domain socket (peer
    /// authentication), and the default for `user`; empty: as we are.
    std::string os_user;

    [[nodiscard]] Target with_dbname(std::string name) const;
};

/// The configured database, or another one of the same server (`postgres`, the side database).
[[nodiscard]] DRCTL_API Target target_of(const config::Database& database,
                                         system::Secret password = {});

/// libpq keywords and their values.
using Keywords = std::vector<std::pair<std::string, std::string>>;

/// The keywords that a conninfo or URI sets. Throws Error(usage) for what is none.
[[nodiscard]] Keywords parse_conninfo(const std::string& conninfo);

/// One host of a conninfo that may name several.
struct Endpoint {
    std::string host; ///< name, address, or the directory of a socket
    std::string port;
    [[nodiscard]] bool is_socket() const noexcept;
    /// `host:port` or the path of the socket.
    [[nodiscard]] std::string text() const;
};

/// The hosts that a conninfo leads to, libpq's defaults and environment applied.
[[nodiscard]] std::vector<Endpoint> endpoints_of(const std::string& conninfo);

/// True if every host is a socket directory, a loopback address, or an address of this host.
/// A name that does not resolve is not local.
[[nodiscard]] DRCTL_API bool is_local(const std::string& conninfo);

} // namespace drctl::postgres
