// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/restore/work_session.hpp"

#include <cstdint>

namespace drctl::postgres::restore {

/// Marks the pages of a table as visible to all. Tables are named by OID, because their names in
/// the dump are in its encoding.
void vacuum(WorkSession& session, std::uint32_t table);
/// Collects what the planner wants to know, of a partitioned table also from its partitions.
void analyze(WorkSession& session, std::uint32_t table);

} // namespace drctl::postgres::restore
