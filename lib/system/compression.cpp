// SPDX-License-Identifier: Apache-2.0
#include "system/compression.hpp"

#include "drctl/error.hpp"

#include <array>
#include <cstdint>
#include <fmt/core.h>

namespace drctl::system {
namespace {

using namespace std::string_view_literals;

struct Magic {
    Compression compression;
    std::string_view bytes;
};

constexpr std::array magics{
    Magic{Compression::gzip, "\x1f\x8b"sv},
    Magic{Compression::zstd, "\x28\xb5\x2f\xfd"sv},
    Magic{Compression::lz4, "\x04\x22\x4d\x18"sv},
    Magic{Compression::xz, "\xfd"
                           "7zXZ\0"sv},
};

struct Suffix {
    std::string_view text;
    std::string_view form;
};

constexpr std::array suffixes{
    Suffix{".gz", "gzip"}, Suffix{".zst", "zstd"},  Suffix{".lz4", "lz4"},
    Suffix{".xz", "xz"},   Suffix{".bz2", "bzip2"},
};

std::uint8_t byte_at(std::string_view head, std::size_t at) noexcept {
    return at < head.size() ? static_cast<std::uint8_t>(head[at]) : 0;
}

/// zstd and lz4 both have frames that decoders skip; pzstd puts one in front of each frame.
/// Eight bytes of magic number (0x184D2A50 to 5F) and length, both little-endian, and the rest.
bool is_skippable(std::string_view head) noexcept {
    return head.size() >= 4 && (byte_at(head, 0) & 0xf0U) == 0x50 &&
           head.substr(1, 3) == "\x2a\x4d\x18"sv;
}

std::string_view without_skippable_frames(std::string_view head) noexcept {
    while (is_skippable(head)) {
        std::uint64_t size = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            size |= std::uint64_t{byte_at(head, 4 + i)} << (8 * i);
        }
        head = head.substr(std::min<std::uint64_t>(head.size(), 8 + size));
    }
    return head;
}

/// "BZh", the level, and the magic number of a block or of the end: 48 bits, since three letters
/// may well begin a text.
bool is_bzip2(std::string_view head) noexcept {
    const auto block = head.substr(std::min<std::size_t>(head.size(), 4));
    return head.starts_with("BZh") && byte_at(head, 3) >= '1' && byte_at(head, 3) <= '9' &&
           (block.starts_with("1AY&SY") || block.starts_with("\x17\x72\x45\x38\x50\x90"sv));
}

} // namespace

Compression compression_of(std::string_view head) noexcept {
    const auto frame = without_skippable_frames(head);
    for (const auto& magic : magics) {
        if (frame.starts_with(magic.bytes)) {
            return magic.compression;
        }
    }
    if (is_bzip2(head)) {
        return Compression::bzip2;
    }
    // Nothing but skippable frames as far as we can see: only zstd's tools write those.
    return frame.size() < head.size() ? Compression::zstd : Compression::none;
}

bool carries_checksum(Compression compression, std::string_view head) noexcept {
    const auto frame = without_skippable_frames(head);
    switch (compression) {
    case Compression::none:
        return false;
    case Compression::gzip:
    case Compression::bzip2:
        return true;
    case Compression::zstd: // RFC 8878, frame header descriptor: Content_Checksum_flag
        return (byte_at(frame, 4) & 0x04U) != 0;
    case Compression::lz4: // LZ4 frame format, FLG: C.Checksum or B.Checksum
        return (byte_at(frame, 4) & 0x14U) != 0;
    case Compression::xz: // .xz file format 2.1.1.2, stream flags: type of check
        return (byte_at(head, 7) & 0x0fU) != 0;
    }
    return false;
}

void check_name(const std::filesystem::path& path, Compression found, bool empty) {
    const auto extension = path.extension();
    for (const auto& suffix : suffixes) {
        if (found == Compression::none && extension == suffix.text) {
            throw Error(ErrorCode::damaged,
                        fmt::format("cannot decompress '{}': {}", path.string(),
                                    empty ? "it is empty"
                                          : fmt::format("it is not in {} format, as its name says",
                                                        suffix.form)),
                        "use another backup, or fetch this one again from where it was copied");
        }
    }
}

} // namespace drctl::system
