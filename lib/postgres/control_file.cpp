// SPDX-License-Identifier: Apache-2.0
#include "postgres/control_file.hpp"

#include "system/unique_fd.hpp"

#include <fmt/core.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <isa-l/crc.h>
#include <optional>
#include <span>
#include <system_error>
#include <vector>

namespace drctl::postgres {
namespace {

namespace fs = std::filesystem;
using State = ControlFileReading::State;
using ClusterState = ControlFile::ClusterState;
using Bytes = std::span<unsigned char>;

constexpr std::array cluster_states{
    std::pair{ClusterState::starting_up, std::string_view("starting up")},
    std::pair{ClusterState::shut_down, std::string_view("shut down")},
    std::pair{ClusterState::shut_down_in_recovery, std::string_view("shut down in recovery")},
    std::pair{ClusterState::shutting_down, std::string_view("shutting down")},
    std::pair{ClusterState::in_crash_recovery, std::string_view("in crash recovery")},
    std::pair{ClusterState::in_archive_recovery, std::string_view("in archive recovery")},
    std::pair{ClusterState::in_production, std::string_view("in production")},
};

/// Field offsets in bytes from the start of the file.
namespace from_start {
constexpr std::size_t system_identifier = 0, format_version = 8, catalog_version = 12, state = 16,
                      time = 24;
} // namespace from_start

/// Field offsets in bytes, backwards from the CRC.
namespace before_crc {
constexpr std::size_t page_checksum_version = 36, wal_segment_size = 60, wal_block_size = 64,
                      block_size = 72, float_format = 80;
} // namespace before_crc

/// What every PostgreSQL writes as `floatFormat`, to prove the layout.
constexpr double float_format_value = 1234567.0;
constexpr std::size_t shortest = 200;
/// PG_CONTROL_MAX_SAFE_SIZE: the struct fits into one sector.
constexpr std::size_t longest = 512;
constexpr std::uint32_t oldest_format = 1300;
/// From this format on, `default_char_signedness` stands between block size and checksum version.
constexpr std::uint32_t format_18 = 1800;
constexpr std::uint32_t newest_format = 1899;

template <typename Value>
Value at(Bytes bytes, std::size_t offset) {
    Value value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

std::uint32_t crc32c(Bytes bytes) {
    return ~crc32_iscsi(bytes.data(), static_cast<int>(bytes.size()), ~0U);
}

/// Where the CRC stands that matches all before it.
std::optional<std::size_t> find_crc(Bytes bytes) {
    for (std::size_t offset = shortest; offset + 4 <= longest; offset += 4) {
        if (crc32c(bytes.first(offset)) == at<std::uint32_t>(bytes, offset)) {
            return offset;
        }
    }
    return std::nullopt;
}

ControlFile read_head(Bytes bytes) {
    ControlFile file;
    file.system_identifier = at<std::uint64_t>(bytes, from_start::system_identifier);
    file.format_version = at<std::uint32_t>(bytes, from_start::format_version);
    file.catalog_version = at<std::uint32_t>(bytes, from_start::catalog_version);
    const auto state = at<std::uint32_t>(bytes, from_start::state);
    file.cluster_state =
        state < cluster_states.size() ? cluster_states[state].first : ClusterState::unknown;
    file.written =
        system::WallTime(std::chrono::seconds(at<std::int64_t>(bytes, from_start::time)));
    return file;
}

bool read_tail(Bytes bytes, std::size_t crc, ControlFile& file) {
    // One bool and its padding in between.
    const std::size_t moved = file.format_version >= format_18 ? 4 : 0;
    file.page_checksum_version =
        at<std::uint32_t>(bytes, crc - before_crc::page_checksum_version - moved);
    file.wal_segment_size = at<std::uint32_t>(bytes, crc - before_crc::wal_segment_size - moved);
    file.wal_block_size = at<std::uint32_t>(bytes, crc - before_crc::wal_block_size - moved);
    file.block_size = at<std::uint32_t>(bytes, crc - before_crc::block_size - moved);
    return at<double>(bytes, crc - before_crc::float_format - moved) == float_format_value;
}

ControlFileReading judge(std::vector<unsigned char>& content) {
    ControlFileReading reading;
    if (content.size() < longest) {
        reading.state = State::damaged;
        reading.evidence = fmt::format("global/pg_control has only {} bytes", content.size());
        return reading;
    }
    const Bytes bytes(content);
    reading.content = read_head(bytes);
    const auto format = reading.content.format_version;
    const auto crc = find_crc(bytes);
    if (crc && read_tail(bytes, *crc, reading.content)) {
        reading.state = State::good;
    } else if (!crc && format >= oldest_format && format <= newest_format) {
        reading.state = State::damaged;
        reading.evidence = "global/pg_control does not match its CRC-32C";
    } else if (!crc && format == 0) {
        reading.state = State::damaged;
        reading.evidence = "global/pg_control is overwritten";
    } else {
        reading.state = State::unknown_format;
        reading.evidence = fmt::format("global/pg_control has the unknown format {}", format);
    }
    return reading;
}

/// The head of the file; nothing, with errno set, if it cannot be read.
std::optional<std::vector<unsigned char>> read_head_of(const fs::path& path) {
    const system::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::vector<unsigned char> content(longest);
    const auto got = fd ? ::read(fd.get(), content.data(), content.size()) : -1;
    if (got < 0) {
        return std::nullopt;
    }
    content.resize(static_cast<std::size_t>(got));
    return content;
}

} // namespace

std::string_view name_of(ClusterState state) noexcept {
    for (const auto& [each, name] : cluster_states) {
        if (each == state) {
            return name;
        }
    }
    return "unknown";
}

ControlFileReading read_control_file(const fs::path& data_directory) {
    const auto path = data_directory / "global" / "pg_control";
    auto content = read_head_of(path);
    // A server that writes it at this moment may show us half of each: then it has changed since.
    constexpr int most_looks = 10;
    for (int look = 1; content && look < most_looks; ++look) {
        auto reading = judge(*content);
        auto again = read_head_of(path);
        if (reading.state != State::damaged || again == content) {
            return reading;
        }
        content = std::move(again);
    }
    if (content) {
        return judge(*content);
    }
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    return {
        missing ? State::missing : State::unreadable,
        {},
        fmt::format("cannot read '{}': {}", path.string(), std::system_category().message(errno))};
}

} // namespace drctl::postgres
