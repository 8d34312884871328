// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace drctl::postgres::restore {

/// What `pg_restore -l` lists, divided so that event triggers can be restored after all else.
struct TableOfContents {
    std::string main;           ///< lines for `pg_restore -L`
    std::string event_triggers; ///< the same: event triggers and what is said of them
};

[[nodiscard]] TableOfContents divide_contents(std::string_view listing);

} // namespace drctl::postgres::restore
