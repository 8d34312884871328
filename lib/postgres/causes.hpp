// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"
#include "drctl/export.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Why a server does not start or a statement fails, and whether that proves damage. Pure: from
/// SQLSTATE and message to a verdict. Only positive evidence counts as damage; whatever is
/// not known here is not.
namespace drctl::postgres {

/// How far proven damage reaches, and so which repair can help.
enum class DamageScope {
    none,     ///< not damage: a person has to fix the cause
    index,    ///< REINDEX cures it
    database, ///< restore into `database`
    cluster, ///< shared catalogues, control file, WAL or transaction status: restore into `cluster`
};

struct Cause {
    enum class Kind {
        // Evidence of damage.
        control_file_damaged,
        no_valid_checkpoint,
        relation_map_damaged,
        data_corrupted,
        index_corrupted,
        file_missing,
        transaction_status_damaged,
        // Evidence only once pg_database or pg_class and the disk say so too.
        database_missing,
        table_missing,
        // Everything else.
        configuration,
        access_configuration,
        preload_library,
        library_missing,
        permissions,
        address_taken,
        address_unusable,
        memory,
        disk_full,
        disk_failing,
        volume_not_mounted,
        data_directory_missing,
        data_directory_empty,
        not_a_data_directory,
        other_data_directory,
        another_postmaster,
        other_major,
        program_missing,
        tls,
        recovery_configuration,
        backup_label,
        still_recovering,
        service_manager,
        timed_out,
        privilege,
        too_many_clients,
        authentication,
        locked,
        gone, ///< of its own accord: shutting down, connection lost
        unknown,
    } kind = Kind::unknown;
    DamageScope scope = DamageScope::none;
    std::string words; ///< the server's own, one line, without row data
    std::string hint;  ///< what to fix
    std::string file;  ///< relative to the data directory, where the words name one
    std::string sqlstate;
    std::string relation;   ///< as a query names it, where the catalogue has lost it
    bool confirmed = false; ///< the disk and the catalogue have been asked about `file`

    [[nodiscard]] bool is_damage() const noexcept { return scope != DamageScope::none; }
};

[[nodiscard]] DRCTL_API std::string_view name_of(Cause::Kind kind) noexcept;

/// A cause that we found out ourselves, with the hint that belongs to its kind.
[[nodiscard]] DRCTL_API Cause make_cause(Cause::Kind kind, std::string words);

/// Rows of one database that are provably not what they should be.
[[nodiscard]] Cause make_lost_rows(std::string words);

/// From what a server answered to a connection or a statement.
[[nodiscard]] DRCTL_API Cause classify(std::string_view sqlstate, std::string_view words);
[[nodiscard]] DRCTL_API Cause classify(const Error& error);

/// From the stderr of a server that was started with `log_line_prefix = '[%p] %e '` and
/// `lc_messages = C`: what its first FATAL or PANIC means, and the line before it where that is the
/// one that explains. Nothing if it holds no such line.
[[nodiscard]] DRCTL_API std::optional<Cause> classify_start_log(std::string_view log);

} // namespace drctl::postgres
