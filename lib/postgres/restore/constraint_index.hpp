// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/outline.hpp"

#include <optional>
#include <string>

namespace drctl::postgres::restore {

/// A primary key or unique constraint in two statements: its index, which can be built while others
/// are built on the same table, and the constraint, which then takes the index over in no time.
/// As one statement it would keep everybody else from the table for as long as the build lasts.
struct IndexFirst {
    std::string create;
    std::string attach;
};

/// Nothing for what is not of pg_dump's plainest form: `… PRIMARY KEY (a, b);`.
[[nodiscard]] std::optional<IndexFirst> index_first(const dump::EarlyStatement& constraint);

} // namespace drctl::postgres::restore
