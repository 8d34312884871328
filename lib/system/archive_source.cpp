// SPDX-License-Identifier: Apache-2.0
#include "system/archive_source.hpp"

#include "drctl/error.hpp"
#include "system/deleter.hpp"

#include <archive.h>
#include <cerrno>
#include <exception>
#include <fmt/core.h>
#include <vector>

namespace drctl::system {
namespace {

constexpr std::size_t input_block = std::size_t{128} << 10;

int support(archive* reader, Compression compression) {
    switch (compression) {
    case Compression::zstd:
        return ::archive_read_support_filter_zstd(reader);
    case Compression::lz4:
        return ::archive_read_support_filter_lz4(reader);
    case Compression::xz:
        return ::archive_read_support_filter_xz(reader);
    case Compression::bzip2:
        return ::archive_read_support_filter_bzip2(reader);
    case Compression::none:
    case Compression::gzip:
        break;
    }
    return ARCHIVE_FATAL;
}

} // namespace

struct ArchiveSource::State {
    State(ByteSource& source, std::string file) : compressed(source), name(std::move(file)) {}

    static la_ssize_t read_compressed(archive* reader, void* self, const void** block) {
        auto& state = *static_cast<State*>(self);
        try {
            const auto count = state.compressed.read(state.input);
            state.taken += count;
            *block = state.input.data();
            return static_cast<la_ssize_t>(count);
        } catch (...) {
            // No exception may pass through C: it is thrown on once we are back.
            state.failure = std::current_exception();
            ::archive_set_error(reader, EIO, "cannot read the file");
            return -1;
        }
    }

    ByteSource& compressed;
    std::string name;
    std::vector<std::byte> input = std::vector<std::byte>(input_block);
    std::int64_t taken = 0;
    std::exception_ptr failure;
    std::unique_ptr<archive, Deleter<archive_read_free>> reader{::archive_read_new()};
    bool opened = false;
    bool ended = false;
};

ArchiveSource::ArchiveSource(ByteSource& compressed, Compression compression, std::string name)
    : state_(std::make_unique<State>(compressed, std::move(name))) {
    auto* const reader = state_->reader.get();
    if (reader == nullptr || support(reader, compression) != ARCHIVE_OK ||
        ::archive_read_support_format_raw(reader) != ARCHIVE_OK ||
        ::archive_read_support_format_empty(reader) != ARCHIVE_OK) {
        throw Error(ErrorCode::failed,
                    fmt::format("cannot decompress '{}': libarchive here was built without that "
                                "format",
                                state_->name));
    }
}

ArchiveSource::~ArchiveSource() = default;

void ArchiveSource::open() {
    auto* const reader = state_->reader.get();
    archive_entry* entry = nullptr;
    if (::archive_read_open(reader, state_.get(), nullptr, State::read_compressed, nullptr) !=
        ARCHIVE_OK) {
        fail_by_archive();
    }
    const int result = ::archive_read_next_header(reader, &entry);
    if (result != ARCHIVE_OK && result != ARCHIVE_EOF) {
        fail_by_archive();
    }
    // libarchive takes what it does not recognise as it is, and peels off a form as often as it
    // finds it. We want it peeled off once: that counts as two filters, with the file itself.
    const int filters = ::archive_filter_count(reader);
    if (filters != 2) {
        fail(filters < 2 ? "it is truncated or corrupt at its beginning"
                         : "its content is compressed twice");
    }
    state_->opened = true;
    state_->ended = result == ARCHIVE_EOF;
}

std::size_t ArchiveSource::read(std::span<std::byte> buffer) {
    auto* const reader = state_->reader.get();
    if (!state_->opened) {
        open();
    }
    const auto count =
        state_->ended ? 0 : ::archive_read_data(reader, buffer.data(), buffer.size());
    if (count < 0) {
        fail_by_archive();
    }
    if (count == 0) {
        check_end();
    }
    return static_cast<std::size_t>(count);
}

void ArchiveSource::check_end() {
    state_->ended = true;
    const auto used = ::archive_filter_bytes(state_->reader.get(), -1);
    if (used != state_->taken || state_->compressed.read(state_->input) > 0) {
        fail("something else follows the compressed data");
    }
}

void ArchiveSource::fail(const std::string& what) const {
    throw Error(ErrorCode::damaged,
                fmt::format("cannot decompress '{}': {} (near byte {})", state_->name, what,
                            ::archive_filter_bytes(state_->reader.get(), -1)),
                "use another backup, or fetch this one again from where it was copied");
}

void ArchiveSource::fail_by_archive() const {
    if (state_->failure) {
        std::rethrow_exception(state_->failure);
    }
    auto* const reader = state_->reader.get();
    const char* words = ::archive_error_string(reader);
    const std::string what = words == nullptr ? "its compressed data is corrupt" : words;
    if (::archive_errno(reader) == ENOMEM) {
        throw Error(ErrorCode::failed,
                    fmt::format("cannot decompress '{}': {}", state_->name, what),
                    "free some memory: 'free -m' shows what is left");
    }
    fail(what);
}

} // namespace drctl::system
