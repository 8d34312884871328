// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "postgres/causes.hpp"
#include "postgres/data_directory.hpp"
#include "postgres/target.hpp"
#include "system/stop.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drctl::postgres {

/// The file of a relation, as the server names it in its messages.
struct RelationFile {
    std::uint32_t tablespace = 0;
    std::uint32_t database = 0; ///< 0: shared by all
    std::uint32_t number = 0;   ///< pg_class.relfilenode
    std::string fork;           ///< `vm`, `fsm`, `init`; empty: the main one
};

/// Reads `base/5/16384_vm.1`, `global/1262`, `pg_tblspc/16400/PG_15_202209061/5/16401`. Nothing for
/// any other file, also those of temporary tables (`base/5/t3_16384`).
[[nodiscard]] std::optional<RelationFile> parse_relation_file(std::string_view file);

/// What the message of a server makes believe, asked of the disk and of the catalogue: a file
/// below a volume that is away is no damage, and a damaged index loses no row. Causes that
/// name no file of the database stay as they are. A file that the catalogue does not know
/// proves nothing; a catalogue that cannot be read because it is damaged itself is damage.
/// Throws only Error(interrupted).
[[nodiscard]] DRCTL_API Cause confirm_damage(Cause cause, const Target& database,
                                             const std::optional<fs::path>& data_directory,
                                             system::StopToken stop);

} // namespace drctl::postgres
