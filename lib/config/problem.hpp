// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/value.hpp"
#include "drctl/export.hpp"

#include <string>
#include <vector>

namespace drctl::config {

enum class Severity {
    error,   ///< must be corrected; stops a procedure that uses the section
    warning, ///< works, but hardly as it is meant
};

/// One mistake in the configuration, or in what it points to on this host.
struct DRCTL_API Problem {
    Severity severity = Severity::error;
    std::string section; ///< path of the section, `database.shop.backups`; empty: the file itself
    Origin origin;
    std::string message; ///< without the origin, no final stop
    std::string hint;    ///< what to type or to write, or empty

    /// `/etc/drctl/drctl.toml:12:3: message`.
    [[nodiscard]] std::string text() const;
};

using Problems = std::vector<Problem>;

} // namespace drctl::config
