// SPDX-License-Identifier: Apache-2.0
#include "system/byte_source.hpp"

#include "drctl/error.hpp"
#include "system/archive_source.hpp"
#include "system/compression.hpp"
#include "system/digest.hpp"
#include "system/gzip_source.hpp"
#include "system/posix_error.hpp"
#include "system/read_ahead.hpp"
#include "system/unique_fd.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

namespace drctl::system {
namespace {

/// Small enough that a block is still in a core's cache when the next thread takes it.
constexpr std::size_t block_size = std::size_t{256} << 10;
constexpr unsigned compressed_blocks = 3;

bool same_time(const timespec& one, const timespec& other) noexcept {
    return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

/// The bytes of the file itself, hashed as they pass.
class RawFile final : public ByteSource {
  public:
    RawFile(const std::filesystem::path& path, bool hash, StopToken stop)
        : path_(path), hash_(hash), stop_(stop) {
        // Without O_NONBLOCK the open of a FIFO would wait for a writer.
        fd_ = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
        if (!fd_ || ::fstat(fd_.get(), &opened_) != 0) {
            throw posix_error(ErrorCode::failed, "open", path, errno);
        }
        if (!S_ISREG(opened_.st_mode)) {
            throw Error(ErrorCode::failed,
                        fmt::format("cannot read '{}': it is not a regular file", path.string()));
        }
        ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    }

    std::size_t read(std::span<std::byte> buffer) override {
        std::size_t done = 0;
        while (done < buffer.size()) {
            stop_.throw_if_requested();
            const auto count = ::read(fd_.get(), buffer.data() + done, buffer.size() - done);
            if (count < 0 && errno != EINTR) {
                throw posix_error(ErrorCode::failed, "read", path_, errno);
            }
            if (count == 0) {
                break;
            }
            done += count > 0 ? static_cast<std::size_t>(count) : 0;
        }
        if (hash_) {
            digest_.update(buffer.first(done));
        }
        consumed_.fetch_add(done, std::memory_order_relaxed);
        if (done == 0) {
            check_unchanged();
        }
        return done;
    }

    /// The first bytes, for a look; the position stays.
    [[nodiscard]] std::string head(std::size_t size) const {
        std::string bytes(size, '\0');
        const auto count = ::pread(fd_.get(), bytes.data(), size, 0);
        if (count < 0) {
            throw posix_error(ErrorCode::failed, "read", path_, errno);
        }
        bytes.resize(static_cast<std::size_t>(count));
        return bytes;
    }
    [[nodiscard]] std::string digest() { return digest_.hex(); }
    [[nodiscard]] std::uint64_t consumed() const noexcept {
        return consumed_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t size() const noexcept {
        return static_cast<std::uint64_t>(opened_.st_size);
    }

  private:
    void check_unchanged() const {
        struct stat now {};
        if (::fstat(fd_.get(), &now) != 0) {
            throw posix_error(ErrorCode::failed, "look at", path_, errno);
        }
        if (consumed() != size() || now.st_size != opened_.st_size ||
            !same_time(now.st_mtim, opened_.st_mtim)) {
            throw Error(
                ErrorCode::damaged,
                fmt::format("cannot read '{}': it was changed while it was read", path_.string()),
                "wait until whatever writes it is done, then try again");
        }
    }

    std::filesystem::path path_;
    bool hash_;
    StopToken stop_;
    UniqueFd fd_;
    struct stat opened_ {};
    Sha256 digest_;
    std::atomic<std::uint64_t> consumed_{0};
};

std::unique_ptr<ByteSource> make_decoder(ByteSource& compressed, Compression compression,
                                         const std::string& name) {
    switch (compression) {
    case Compression::none:
        return nullptr;
    case Compression::gzip:
        return std::make_unique<GzipSource>(compressed, name);
    case Compression::zstd:
    case Compression::lz4:
    case Compression::xz:
    case Compression::bzip2:
        break;
    }
    return std::make_unique<ArchiveSource>(compressed, compression, name);
}

} // namespace

/// A chain of sources, each reading the one before it; destroyed from the reader's end.
struct FileSource::State {
    State(const std::filesystem::path& path, Options given, StopToken stop)
        : options(given), file(path, given.digest, stop) {
        constexpr std::size_t enough_to_tell = 512;
        const auto head = file.head(enough_to_tell);
        compression = compression_of(head);
        check_name(path, compression, head.empty());
        has_checksum = carries_checksum(compression, head);
        if (compression != Compression::none && options.read_ahead > 0) {
            file_ahead = std::make_unique<ReadAhead>(*last, block_size, compressed_blocks);
            last = file_ahead.get();
        }
        decoder = make_decoder(*last, compression, path.string());
        last = decoder ? decoder.get() : last;
        if (options.read_ahead > 0) {
            ahead = std::make_unique<ReadAhead>(*last, block_size, options.read_ahead);
            last = ahead.get();
        }
    }

    Options options;
    RawFile file;
    ByteSource* last = &file;
    std::unique_ptr<ReadAhead> file_ahead;
    std::unique_ptr<ByteSource> decoder;
    std::unique_ptr<ReadAhead> ahead;
    Compression compression = Compression::none;
    bool has_checksum = false;
    bool ended = false;
    std::string digest; ///< once it has been asked for
};

FileSource::FileSource(const std::filesystem::path& path, Options options, StopToken stop)
    : state_(std::make_unique<State>(path, options, stop)) {}

FileSource::~FileSource() = default;

std::size_t FileSource::read(std::span<std::byte> buffer) {
    const auto count = state_->last->read(buffer);
    if (count == 0 && !state_->ended) {
        state_->ended = true;
        state_->digest = state_->options.digest ? state_->file.digest() : std::string{};
    }
    return count;
}

Compression FileSource::compression() const noexcept {
    return state_->compression;
}

std::string FileSource::digest() const {
    if (!state_->ended || !state_->options.digest) {
        throw Error(ErrorCode::bug, "a file's digest is asked for before its end");
    }
    return state_->digest;
}

std::uint64_t FileSource::consumed() const noexcept {
    return state_->file.consumed();
}

std::uint64_t FileSource::file_size() const noexcept {
    return state_->file.size();
}

bool FileSource::has_checksum() const noexcept {
    return state_->has_checksum;
}

} // namespace drctl::system
