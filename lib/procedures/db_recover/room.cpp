// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/room.hpp"

#include "drctl/error.hpp"
#include "system/files.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/core.h>

namespace drctl::procedures {
namespace {

namespace fs = std::filesystem;

constexpr const char* free_space =
    "free space there; kept databases of earlier runs are shown by 'drctl status' and removed by "
    "'drctl runs prune'";
constexpr const char* enlarge =
    "enlarge that volume, or lower max_wal_size; never delete files in pg_wal";

WalBounds bounds_of(postgres::Connection& server) {
    const auto rows = server.exec(
        "SELECT pg_size_bytes(current_setting('max_wal_size')), "
        "(SELECT coalesce(sum(size), 0)::bigint FROM pg_ls_waldir()), "
        "current_setting('archive_mode') <> 'off' OR current_setting('wal_keep_size') <> '0' OR "
        "EXISTS (SELECT FROM pg_replication_slots)");
    return {static_cast<std::uint64_t>(rows.integer(0, 0)),
            static_cast<std::uint64_t>(rows.integer(0, 1)), rows.string(0, 2) == "t"};
}

/// Looks at one database's volumes.
class RoomCheck {
  public:
    RoomCheck(std::string name, std::uint64_t copy, WalRoom wal, bool held)
        : name_(std::move(name)), copy_(copy), wal_(wal), held_(held) {}

    void data_directory(const fs::path& directory) {
        const auto wal = directory / "pg_wal";
        if (has_volume_of_its_own(wal, directory)) {
            require(directory, copy_, "the copy", free_space);
            require(wal, wal_.needed, "its WAL", enlarge);
            tell_of_held_wal(wal, wal_.at_worst);
        } else {
            require(directory, copy_ + wal_.needed, "the copy with its WAL", free_space);
            tell_of_held_wal(directory, copy_ + wal_.at_worst);
        }
    }
    void tablespace(const fs::path& directory) {
        require(directory, copy_, "the copy", free_space);
    }

    [[nodiscard]] const std::vector<std::string>& remarks() const noexcept { return remarks_; }

  private:
    /// By a link or by a mount.
    bool has_volume_of_its_own(const fs::path& wal, const fs::path& directory) {
        try {
            const auto inner = system::identity_of(wal);
            const auto outer = system::identity_of(directory);
            return inner && outer && inner->device != outer->device;
        } catch (const Error& error) {
            remarks_.push_back(fmt::format(
                "whether there is room for its WAL was not looked at: {}", error.message()));
            return false;
        }
    }

    void require(const fs::path& volume, std::uint64_t needed, const char* what,
                 const char* hint) const {
        const auto available = system::space_at(volume).available_bytes;
        if (available < needed) {
            throw Error(ErrorCode::refused,
                        fmt::format("cannot restore '{}': {} needs about {} more, '{}' has {} free",
                                    name_, what, system::format_size({needed}), volume.string(),
                                    system::format_size({available})),
                        hint);
        }
    }

    void tell_of_held_wal(const fs::path& volume, std::uint64_t at_worst) {
        const auto available = system::space_at(volume).available_bytes;
        if (held_ && available < at_worst) {
            remarks_.push_back(fmt::format(
                "replication slots, archiving or wal_keep_size may keep the WAL of the restore, "
                "about {}: watch '{}', which has {} free",
                system::format_size({wal_.at_worst}), volume.string(),
                system::format_size({available})));
        }
    }

    std::string name_;
    std::uint64_t copy_;
    WalRoom wal_;
    bool held_;
    std::vector<std::string> remarks_;
};

} // namespace

WalRoom wal_room(const WalBounds& bounds, std::uint64_t dump_bytes) {
    WalRoom room;
    room.at_worst = 2 * dump_bytes;
    const auto lies_there = std::min(room.at_worst, 2 * bounds.max_wal_size);
    const auto used_again = bounds.held ? 0 : std::min(bounds.present, bounds.max_wal_size);
    room.needed = lies_there - std::min(lies_there, used_again);
    return room;
}

/// The copy needs as much as the old database, or twice its dump where there is none; some must be
/// left for the server to live on.
std::vector<std::string> check_room(const DbTarget& target, postgres::Connection& server,
                                    std::optional<postgres::Oid> live, std::uint64_t dump_bytes) {
    constexpr std::uint64_t reserve = std::uint64_t{256} << 20;
    const auto old = live ? postgres::database_bytes(server, *live) : 0;
    const auto bounds = bounds_of(server);
    RoomCheck check(target.database().name, std::max(old, dump_bytes * 2) + reserve,
                    wal_room(bounds, dump_bytes), bounds.held);
    if (target.database().data_dir) {
        check.data_directory(*target.database().data_dir);
    }
    if (const auto tablespace = live ? postgres::tablespace_directory(server, *live) : "";
        !tablespace.empty()) {
        check.tablespace(tablespace);
    }
    return check.remarks();
}

} // namespace drctl::procedures
