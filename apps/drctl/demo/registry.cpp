// SPDX-License-Identifier: Apache-2.0
#include "demo/registry.hpp"

#include "drctl/error.hpp"
#include "system/files.hpp"
#include "system/unique_fd.hpp"
#include "system/units.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drctl::app::demo {
namespace {

constexpr std::array tables{"daos", "members", "proposals", "votes"};

// Deterministic: two runs of the demo make the same rows.
constexpr std::string_view schema = R"(
CREATE TYPE choice AS ENUM ('yes', 'no', 'abstain');
CREATE TABLE daos (
    id bigint PRIMARY KEY,
    name text NOT NULL UNIQUE,
    charter text NOT NULL,
    founded date NOT NULL);
CREATE TABLE members (
    id bigint PRIMARY KEY,
    dao_id bigint NOT NULL REFERENCES daos,
    address text NOT NULL,
    joined timestamptz NOT NULL);
CREATE TABLE proposals (
    id bigint PRIMARY KEY,
    dao_id bigint NOT NULL REFERENCES daos,
    title text NOT NULL,
    closes timestamptz NOT NULL);
CREATE TABLE votes (
    proposal_id bigint NOT NULL REFERENCES proposals,
    member_id bigint NOT NULL REFERENCES members,
    choice choice NOT NULL,
    PRIMARY KEY (proposal_id, member_id));
CREATE INDEX members_by_dao ON members (dao_id);
CREATE INDEX proposals_by_dao ON proposals (dao_id);
CREATE INDEX votes_by_member ON votes (member_id);

INSERT INTO daos
SELECT i, 'dao-' || i, repeat('We, the members of ' || i || ', agree. ', 12),
       date '2024-01-01' + i % 700
FROM generate_series(1, 2000) i;
INSERT INTO members
SELECT i, 1 + i % 2000, '0x' || md5(i::text), timestamptz '2025-01-01Z' + i * interval '1 minute'
FROM generate_series(1, 20000) i;
INSERT INTO proposals
SELECT i, 1 + i % 2000, 'Proposal ' || i, timestamptz '2026-01-01Z' + i * interval '1 hour'
FROM generate_series(1, 8000) i;
INSERT INTO votes
SELECT 1 + i % 8000, 1 + i % 20000, (ARRAY['yes', 'no', 'abstain'])[1 + i % 3]::choice
FROM generate_series(1, 40000) i
ON CONFLICT DO NOTHING;
VACUUM ANALYZE;
)";

constexpr std::string_view usage = R"(
INSERT INTO daos
SELECT id + i, 'dao-' || id + i, repeat('We, the members of ' || id + i || ', agree. ', 12),
       date '2026-01-01'
FROM (SELECT max(id) AS id FROM daos) newest, generate_series(1, 25) i;
INSERT INTO proposals
SELECT id + i, 1 + i, 'Proposal ' || id + i, timestamptz '2026-06-01Z'
FROM (SELECT max(id) AS id FROM proposals) newest, generate_series(1, 100) i;
VACUUM ANALYZE;
)";

// The file gets the age that its name tells.
void set_time(const fs::path& file, system::WallTime time) {
    const timespec stamp{std::chrono::system_clock::to_time_t(time), 0};
    const timespec both[] = {stamp, stamp};
    if (::utimensat(AT_FDCWD, file.c_str(), both, 0) != 0) {
        throw Error(ErrorCode::failed, fmt::format("cannot set the time of '{}': {}", file.string(),
                                                   std::strerror(errno)));
    }
}

} // namespace

void create_registry(Server& server) {
    server.query("postgres", fmt::format("CREATE DATABASE {}", registry_name));
    server.query(registry_name, schema);
}

void use_registry(Server& server) {
    server.query(registry_name, usage);
}

std::vector<TableState> state_of(Server& server) {
    std::vector<TableState> states;
    for (const auto* table : tables) {
        const auto row = server.query(
            registry_name,
            fmt::format("SELECT count(t), md5(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "
                        "\"C\")) FROM {} t",
                        table));
        const auto bar = row.find('|');
        states.push_back({table, row.substr(0, bar), row.substr(bar + 1)});
    }
    return states;
}

fs::path dump_registry(Server& server, const fs::path& directory, system::WallTime taken) {
    const auto file =
        directory / fmt::format("full_backup_{}.sql.gz", system::format_compact(taken));
    const auto result = server.run({server.bin_dir() / "pg_dump", "--dbname", registry_name,
                                    "--format", "plain", "--compress", "6", "--file", file});
    if (!result.succeeded()) {
        throw Error(ErrorCode::failed, "cannot prepare the demo: pg_dump " + result.how_it_ended() +
                                           ": " + result.err);
    }
    set_time(file, taken);
    return file;
}

void truncate_dump(const fs::path& dump) {
    const auto written = fs::last_write_time(dump);
    fs::resize_file(dump, fs::file_size(dump) * 3 / 5);
    fs::last_write_time(dump, written);
}

std::string damage_registry(Server& server) {
    // Down, so that the damage is on the disk alone, and read from there by the next start.
    const auto relative = server.query(registry_name, "SELECT pg_relation_filepath('daos')");
    server.stop();
    constexpr off_t block_size = 8192;
    constexpr off_t block = 3;
    constexpr std::string_view garbage =
        "bytes of something else, written where they do not belong";
    const auto path = server.data_dir() / relative;
    const system::UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    const auto written =
        ::pwrite(file.get(), garbage.data(), garbage.size(), block * block_size + block_size / 2);
    if (written != static_cast<ssize_t>(garbage.size())) {
        throw Error(ErrorCode::failed,
                    fmt::format("cannot write to '{}': {}", path.string(), std::strerror(errno)));
    }
    server.start();
    return relative;
}

} // namespace drctl::app::demo
