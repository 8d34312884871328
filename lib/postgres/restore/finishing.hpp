// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/restore/crew.hpp"
#include "postgres/restore/ledger.hpp"

/// What every restore ends with, whoever has filled the database.
namespace drctl::postgres::restore {

/// Adds the jobs that collect statistics of every table with rows, once those are in. They wait
/// for what is still being done to their tables, not for each other.
void analyze_all(Crew& crew);

/// Adds the last job: sees to it that no subscription is enabled, and that everything is on disk.
void close(Crew& crew, Ledger& ledger);

} // namespace drctl::postgres::restore
