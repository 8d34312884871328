// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/types.hpp"
#include "drctl/export.hpp"
#include "postgres/causes.hpp"
#include "postgres/connection.hpp"
#include "postgres/dump/outline.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Looks into a database: does it answer as it should? Everything here reads tables, never only
/// their indexes: `count(*)` answered by an index passes over destroyed rows.
namespace drctl::postgres {

/// What verification found: every good answer, and the first thing that is wrong. Damage of an
/// index, and what cannot be judged, come behind damage that loses rows: they must not hide it.
struct Verification {
    void add(Cause cause);
    void add(Verification other);
    /// Rows are lost; whatever else is wrong changes nothing about what is to be done.
    [[nodiscard]] bool decided() const noexcept;

    std::vector<std::string> good; ///< `daos: at least 40`
    std::optional<Cause> wrong;
    std::vector<Cause> also_wrong; ///< the others, if they were asked for
};

/// Whether the first wrong answer that decides is enough, or a person wants to see all of them.
enum class Until { first_wrong, the_end };

/// Asks the disk and the catalogue before a cause is believed; see confirm_damage(). Called by one
/// thread at a time. Where there is none, causes are taken as the server says them.
using Confirm = std::function<Cause(Cause)>;

/// A session of our own role that reads tables without their indexes, and writes nothing.
[[nodiscard]] Connection open_table_reader(const Target& database, system::StopToken stop);

/// Runs the configured queries, each also as the role it names. A bound that does not hold is
/// evidence of damage, unless it holds for the role that we log in as; a query that cannot be
/// judged (no row, no number) is none. A relation that is said to be missing counts as lost only
/// if the catalogue, read without its indexes, knows none of that name. Throws what the
/// connection throws, unless something wrong was seen before.
[[nodiscard]] DRCTL_API Verification run_queries(const Target& database,
                                                 const std::vector<config::Verify>& queries,
                                                 system::StopToken stop,
                                                 const Confirm& confirm = {},
                                                 Until until = Until::first_wrong);

/// Indexes that no query uses and constraints that older rows need not meet, in words, by name.
/// Somebody has left them so; they are no evidence of damage. Throws what the connection throws.
[[nodiscard]] DRCTL_API std::vector<std::string> find_invalid_objects(const Target& database,
                                                                      system::StopToken stop);

/// Reads every row of every table and materialised view to its last byte, TOAST included, by
/// `jobs` sessions, until rows are found to be lost. What is dropped meanwhile is passed over.
[[nodiscard]] DRCTL_API Verification read_every_row(const Target& database, unsigned jobs,
                                                    system::StopToken stop,
                                                    const Confirm& confirm = {});

/// Whether a restored database has what its dump said: the rows of each COPY block, the values of
/// sequences, the extensions, and no index or constraint invalid that the dump did not declare so.
/// Of an outline without details rows and sequences are not compared, and `good` says so.
[[nodiscard]] DRCTL_API Verification compare_with_dump(const Target& database,
                                                       const dump::Outline& outline,
                                                       system::StopToken stop);

} // namespace drctl::postgres
