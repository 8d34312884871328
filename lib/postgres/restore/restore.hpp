// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "engine/observer.hpp"
#include "postgres/dump/outline.hpp"
#include "postgres/target.hpp"
#include "system/stop.hpp"
#include "system/units.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

/// Fills an empty database from a dump, by several sessions at once. The result equals what psql
/// would have made of it, up to the order of rows within a table.
///
/// Errors: Error(interrupted) if stopped, Error(damaged) for a file that cannot be read to its
/// end, Error(refused) for a dump that holds more than data, Error(failed) for all others: the
/// first one that happened, named by the dump's line, kind and object, never by row data
/// (context: `line`, `object`, and what Connection gives). Whatever the database holds then is
/// of no use: drop it.
namespace drctl::postgres::restore {

namespace fs = std::filesystem;

struct RestoreOptions {
    /// Sessions that load and build at once; 0: one per core of this machine.
    unsigned jobs = 0;
    /// What the server may use for sorting, all sessions together; 0: a quarter of this
    /// machine's memory.
    system::ByteSize memory;
    /// Where `pg_restore` is; empty: $PATH. Only for archives.
    fs::path bin_dir;
};

/// Rows that went into one table by COPY, as the server counted them.
struct LoadedTable {
    std::string table;      ///< quoted and qualified as the dump writes it
    std::uint64_t line = 0; ///< of its first COPY
    std::uint64_t rows = 0;
    bool partitioned = false; ///< rows went through it into its partitions
};

/// An error that psql, too, would have gone past, and that is known to do no harm.
struct Tolerated {
    enum class Why {
        clean_drop,      ///< a --clean dump drops what an empty database does not have
        role_exists,     ///< CREATE ROLE of a role that is there; its ALTER ROLE was run
        schema_exists,   ///< CREATE SCHEMA public, which an empty database has
        unknown_setting, ///< SET of a parameter that this server does not know
    } why = Why::clean_drop;
    std::uint64_t line = 0;
    std::string what; ///< `DROP TABLE public.t`
    std::string sqlstate;
};

/// `line 4 (SET no_such): this server does not know the parameter`, of the first few; then how
/// many.
[[nodiscard]] DRCTL_API std::vector<std::string> in_words(const std::vector<Tolerated>& tolerated);

struct RestoreResult {
    /// SHA-256 of the file as it was read; empty for a directory.
    std::string digest;
    std::vector<LoadedTable> tables;
    std::uint64_t rows = 0; ///< of all tables
    std::vector<Tolerated> tolerated;
    std::vector<std::string> subscriptions; ///< restored, and disabled
};

/// Called now and then, always by the calling thread. Phases with unit bytes count the file.
using ProgressSink = std::function<void(const engine::Progress&)>;

/// Restores a plain dump, compressed or not. `outline` is what inspection has seen of this very
/// file: whether it is the same still, the caller tells by the digest.
[[nodiscard]] DRCTL_API RestoreResult
restore_plain(const Target& side_database, const fs::path& dump, const dump::Outline& outline,
              const RestoreOptions& options, const ProgressSink& progress, system::StopToken stop);

/// The same for a custom, directory or tar archive: for the text that `pg_restore` makes of it.
/// Lines in errors are those of that text (`pg_restore -f -`).
[[nodiscard]] DRCTL_API RestoreResult restore_archive(
    const Target& side_database, const fs::path& archive, const dump::Outline& outline,
    const RestoreOptions& options, const ProgressSink& progress, system::StopToken stop);

} // namespace drctl::postgres::restore
