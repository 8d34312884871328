// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "system/clock.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace drctl::postgres {

/// What a server last wrote into global/pg_control: its identity, how it ended, how its files
/// are laid out.
struct ControlFile {
    /// DBState of src/include/catalog/pg_control.h.
    enum class ClusterState {
        starting_up,
        shut_down,
        shut_down_in_recovery,
        shutting_down,
        in_crash_recovery,
        in_archive_recovery,
        in_production,
        unknown,
    } cluster_state = ClusterState::unknown;
    std::uint64_t system_identifier = 0;
    std::uint32_t format_version = 0; ///< pg_control_version: 1300 for PostgreSQL 13 to 16
    std::uint32_t catalog_version = 0;
    system::WallTime written;
    std::uint32_t page_checksum_version = 0; ///< 0: pages have none
    std::uint32_t block_size = 0;            ///< bytes
    std::uint32_t wal_block_size = 0;        ///< bytes
    std::uint32_t wal_segment_size = 0;      ///< bytes

    /// Stopped in order, so that every page on the disk is whole.
    [[nodiscard]] bool cleanly_shut_down() const noexcept {
        return cluster_state == ClusterState::shut_down ||
               cluster_state == ClusterState::shut_down_in_recovery;
    }
};

[[nodiscard]] std::string_view name_of(ControlFile::ClusterState state) noexcept;

/// One look at global/pg_control of a data directory.
struct ControlFileReading {
    enum class State {
        good,
        missing,
        unreadable,     ///< we may not, or the disk fails
        damaged,        ///< its checksum does not match, or it is too short: evidence of damage
        unknown_format, ///< of a PostgreSQL that this reader does not know
    } state = State::missing;
    ControlFile content;  ///< if good; of a damaged file what it claims
    std::string evidence; ///< one line, unless good
};

/// Reads the format of PostgreSQL 13 to 18. A running server rewrites the file in one write of
/// one sector, so that a reader sees the old or the new one.
///
/// Source: src/include/catalog/pg_control.h. What stands before the checkpoint has not moved
/// since PostgreSQL 8; what follows it is counted backwards from the CRC, the last field.
[[nodiscard]] DRCTL_API ControlFileReading
read_control_file(const std::filesystem::path& data_directory);

} // namespace drctl::postgres
