// SPDX-License-Identifier: Apache-2.0
#include "system/gzip_source.hpp"

#include "drctl/error.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/core.h>
#include <isa-l/igzip_lib.h>
#include <limits>
#include <vector>

namespace drctl::system {
namespace {

constexpr std::size_t input_block = std::size_t{128} << 10;

std::string_view meaning_of(int result) noexcept {
    switch (result) {
    case ISAL_INCORRECT_CHECKSUM:
        return "its checksum or length does not match its content";
    case ISAL_INVALID_WRAPPER:
        return "it is not in gzip format";
    case ISAL_UNSUPPORTED_METHOD:
        return "it uses an unknown compression method";
    default:
        return "its compressed data is corrupt";
    }
}

} // namespace

struct GzipSource::State {
    inflate_state inflate{};
    std::vector<std::byte> input = std::vector<std::byte>(input_block);
    std::uint64_t taken = 0; ///< bytes of input ever taken, those still in `inflate` included
    bool in_member = false;
    bool ended = false;

    /// Where in the file the decompressor is.
    [[nodiscard]] std::uint64_t position() const noexcept { return taken - inflate.avail_in; }
};

GzipSource::GzipSource(ByteSource& compressed, std::string name)
    : compressed_(compressed), name_(std::move(name)), state_(std::make_unique<State>()) {
    isal_inflate_init(&state_->inflate);
}

GzipSource::~GzipSource() = default;

bool GzipSource::have_input() {
    auto& inflate = state_->inflate;
    if (inflate.avail_in > 0) {
        return true;
    }
    const auto count = compressed_.read(state_->input);
    inflate.next_in = reinterpret_cast<std::uint8_t*>(state_->input.data());
    inflate.avail_in = static_cast<std::uint32_t>(count);
    state_->taken += count;
    return count > 0;
}

bool GzipSource::next_member() {
    auto& inflate = state_->inflate;
    if (!have_input()) {
        if (state_->taken == 0) {
            fail("it is empty");
        }
        return false;
    }
    constexpr std::uint8_t first_of_magic = 0x1f;
    if (*inflate.next_in != first_of_magic && state_->position() > 0) {
        fail("something else follows the compressed data");
    }
    isal_inflate_reset(&inflate);
    inflate.crc_flag = ISAL_GZIP;
    state_->in_member = true;
    return true;
}

std::size_t GzipSource::read(std::span<std::byte> buffer) {
    auto& inflate = state_->inflate;
    // ISA-L counts in 32 bits.
    buffer = buffer.first(
        std::min<std::size_t>(buffer.size(), std::numeric_limits<std::uint32_t>::max()));
    inflate.next_out = reinterpret_cast<std::uint8_t*>(buffer.data());
    inflate.avail_out = static_cast<std::uint32_t>(buffer.size());
    while (inflate.avail_out > 0 && !state_->ended) {
        if (!state_->in_member && !next_member()) {
            state_->ended = true;
            break;
        }
        const bool more_input = have_input();
        const auto room = inflate.avail_out;
        const int result = isal_inflate(&inflate);
        if (result < 0) {
            fail(std::string(meaning_of(result)));
        }
        if (inflate.block_state == ISAL_BLOCK_FINISH) {
            state_->in_member = false;
        } else if (!more_input && inflate.avail_out == room) {
            fail_truncated();
        }
    }
    return buffer.size() - inflate.avail_out;
}

void GzipSource::fail(const std::string& what) const {
    throw Error(
        ErrorCode::damaged,
        fmt::format("cannot decompress '{}': {} (near byte {})", name_, what, state_->position()),
        "use another backup, or fetch this one again from where it was copied");
}

void GzipSource::fail_truncated() const {
    const auto state = state_->inflate.block_state;
    fail(state == ISAL_CHECKSUM_CHECK || state == ISAL_BLOCK_INPUT_DONE
             ? "it is truncated inside the checksum at its end"
             : "it is truncated: the compressed data goes on beyond the end of the file");
}

} // namespace drctl::system
