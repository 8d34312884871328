// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/room.hpp"

#include "drctl/error.hpp"
#include "system/files.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/core.h>
#include <fmt/ranges.h>

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

struct Tablespace {
    fs::path directory;
    std::uint64_t bytes = 0; ///< of one database in it
};

/// By name. Asked of the files, so that a damaged database need not let anybody in.
std::map<std::string, Tablespace> read_tablespaces(postgres::Connection& server,
                                                   postgres::Oid database,
                                                   const fs::path& data_directory) {
    const auto rows = server.exec(R"(
SELECT t.spcname, pg_tablespace_location(t.oid), (
    SELECT coalesce(sum((pg_stat_file(d.directory || '/' || f, true)).size), 0)::bigint
    FROM pg_ls_dir(d.directory, true, false) f)
FROM pg_tablespace t, pg_control_system() c, LATERAL (
    SELECT CASE t.spcname WHEN 'pg_default' THEN 'base' ELSE format('pg_tblspc/%s/PG_%s_%s',
        t.oid, current_setting('server_version_num')::int / 10000, c.catalog_version_no) END
        || '/' || $1) d(directory)
WHERE t.spcname <> 'pg_global')",
                                  {std::to_string(database)});
    std::map<std::string, Tablespace> found;
    for (int row = 0; row < rows.rows(); ++row) {
        const auto location = rows.string(row, 1);
        found[rows.string(row, 0)] = {location.empty() ? data_directory : data_directory / location,
                                      static_cast<std::uint64_t>(rows.integer(row, 2))};
    }
    return found;
}

/// The server's own word where none is configured.
fs::path data_directory_of(const DbTarget& target, postgres::Connection& server) {
    const auto& configured = target.database().data_dir;
    return configured ? *configured : fs::path(postgres::read_server_facts(server).data_directory);
}

/// Adds up what goes to which volume, and compares it with what is free there.
class RoomCheck {
  public:
    explicit RoomCheck(std::string name) : name_(std::move(name)) {}

    void add_copy(const fs::path& directory, std::uint64_t bytes) {
        if (auto* const volume = volume_of(directory)) {
            volume->copy += bytes;
            volume->reserve = reserve;
        }
    }

    /// A link or a mount may lead pg_wal to a volume of its own.
    void add_wal(const fs::path& data_directory, const WalRoom& room, bool held) {
        auto* const home = volume_of(data_directory);
        if (home == nullptr) {
            return;
        }
        auto* const found = volume_of(data_directory / "pg_wal");
        auto* const volume = found != nullptr ? found : home;
        volume->wal = room.needed;
        volume->wal_at_worst = held ? room.at_worst : 0;
        if (volume == home) {
            volume->reserve = reserve;
        }
    }

    /// Returns what was seen and is no reason to refuse.
    std::vector<std::string> compare() {
        for (const auto& [device, volume] : volumes_) {
            const auto available = system::space_at(volume.directory).available_bytes;
            require(volume, available);
            tell_of_held_wal(volume, available);
        }
        return std::move(remarks_);
    }

  private:
    /// Some must be left for the server to live on.
    static constexpr std::uint64_t reserve = std::uint64_t{256} << 20;

    struct Volume {
        fs::path directory; ///< one on it
        std::uint64_t copy = 0;
        std::uint64_t wal = 0;
        std::uint64_t wal_at_worst = 0; ///< 0: nobody keeps it
        std::uint64_t reserve = 0;
    };

    /// Null, and a remark, where we cannot look.
    Volume* volume_of(const fs::path& directory) {
        try {
            if (const auto identity = system::identity_of(directory)) {
                const auto [known, added] = volumes_.try_emplace(identity->device);
                if (added) {
                    known->second.directory = directory;
                }
                return &known->second;
            }
            cannot_look("there is no '" + directory.string() + "'");
        } catch (const Error& error) {
            cannot_look(error.message());
        }
        return nullptr;
    }

    void cannot_look(const std::string& why) {
        auto remark = "whether there is room was not looked at everywhere: " + why;
        if (std::find(remarks_.begin(), remarks_.end(), remark) == remarks_.end()) {
            remarks_.push_back(std::move(remark));
        }
    }

    void require(const Volume& volume, std::uint64_t available) const {
        const auto needed = volume.copy + volume.wal + volume.reserve;
        if (available >= needed) {
            return;
        }
        const auto* const what = volume.copy == 0  ? "the WAL of the copy"
                                 : volume.wal == 0 ? "the copy"
                                                   : "the copy with its WAL";
        throw Error(ErrorCode::refused,
                    fmt::format("cannot restore '{}': {} needs about {} more, '{}' has {} free",
                                name_, what, system::format_size({needed}),
                                volume.directory.string(), system::format_size({available})),
                    volume.reserve == 0 ? enlarge : free_space);
    }

    void tell_of_held_wal(const Volume& volume, std::uint64_t available) {
        if (volume.wal_at_worst != 0 && available < volume.copy + volume.wal_at_worst) {
            remarks_.push_back(fmt::format(
                "replication slots, archiving or wal_keep_size may keep the WAL of the restore, "
                "about {}: watch '{}', which has {} free",
                system::format_size({volume.wal_at_worst}), volume.directory.string(),
                system::format_size({available})));
        }
    }

    std::string name_;
    std::map<std::uint64_t, Volume> volumes_; ///< by device
    std::vector<std::string> remarks_;
};

std::string what_is_not_known(const CopyRoom& room) {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : room.needed) {
        names.push_back(name);
    }
    return fmt::format("whether there is room for all of the copy is not known: about {} of it go "
                       "to one or more of the tablespaces {}",
                       system::format_size({room.somewhere}), fmt::join(names, ", "));
}

} // namespace

WalRoom wal_room(const WalBounds& bounds, std::uint64_t dump_bytes) {
    WalRoom room;
    room.at_worst = 2 * dump_bytes;
    const auto lies_there = std::min(room.at_worst, 2 * bounds.max_wal_size);
    const auto used_again = bounds.held ? 0 : std::min(bounds.present, bounds.max_wal_size);
    room.needed = lies_there - std::min(lies_there, used_again);
    return room;
}

CopyRoom copy_room(const CopyFacts& facts) {
    CopyRoom room;
    room.needed[facts.tablespace] = 0;
    for (const auto& name : facts.named) {
        room.needed[name] = 0;
    }
    std::uint64_t old = 0;
    for (const auto& [name, bytes] : facts.old) {
        room.needed[facts.named.contains(name) ? name : facts.tablespace] += bytes;
        old += bytes;
    }
    const auto more = std::max(old, 2 * facts.dump_bytes) - old;
    if (room.needed.size() == 1) {
        room.needed[facts.tablespace] += more;
    } else {
        room.somewhere = more;
    }
    return room;
}

std::vector<std::string> check_room(const DbTarget& target, postgres::Connection& server,
                                    std::optional<postgres::Oid> live,
                                    const std::string& tablespace,
                                    const postgres::dump::Outline& dump) {
    const auto data_directory = data_directory_of(target, server);
    const auto tablespaces = read_tablespaces(server, live.value_or(0), data_directory);
    CopyFacts facts{tablespace, dump.needs.tablespaces, {}, dump.bytes};
    for (const auto& [name, each] : tablespaces) {
        facts.old[name] = each.bytes;
    }
    const auto room = copy_room(facts);
    const auto bounds = bounds_of(server);
    RoomCheck check(target.database().name);
    check.add_wal(data_directory, wal_room(bounds, dump.bytes), bounds.held);
    for (const auto& [name, bytes] : room.needed) {
        if (const auto found = tablespaces.find(name); found != tablespaces.end() && bytes != 0) {
            check.add_copy(found->second.directory, bytes);
        }
    }
    auto remarks = check.compare();
    if (room.somewhere != 0) {
        remarks.push_back(what_is_not_known(room));
    }
    return remarks;
}

} // namespace drctl::procedures
