// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/stop.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace drctl::system {

/// A stream of bytes to be read once, front to back.
class ByteSource {
  public:
    ByteSource() = default;
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    virtual ~ByteSource() = default;
    /// Fills `buffer` as far as it can; 0 at the end, which is only reported once integrity
    /// (trailers, checksums) has been checked. Throws Error(damaged) for truncated or corrupt
    /// input, Error(failed) for I/O errors.
    virtual std::size_t read(std::span<std::byte> buffer) = 0;
};

enum class Compression { none, gzip, zstd, lz4, xz, bzip2 };

/// A regular file, decompressed on the fly, with the digest of the *compressed* bytes computed
/// beside it. What it is compressed with is told by its first bytes; a name that promises
/// another form (`.gz` on plain text) is damage. Gzip goes through ISA-L (concatenated members,
/// header and trailer CRC-32 and length checked, trailing garbage refused), the others through
/// libarchive. A file that changes while it is read is an Error(damaged) at its end.
class FileSource final : public ByteSource {
  public:
    struct Options {
        bool digest = true;
        /// One thread reads and hashes, one decompresses, the latter ahead of the reader by at
        /// most this many blocks of 256 KiB; 0: everything in the reader's thread. The memory it
        /// takes is this and 1 MiB, and what the format itself needs: a window of 8 MiB for xz
        /// and zstd as they compress by default, up to 128 MiB where told otherwise.
        unsigned read_ahead = 8;
    };
    /// Throws Error(failed) for what cannot be opened or is no regular file. `stop` is asked
    /// between blocks: read() then throws Error(interrupted).
    FileSource(const std::filesystem::path& path, Options options, StopToken stop);
    ~FileSource() override;

    std::size_t read(std::span<std::byte> buffer) override;

    [[nodiscard]] Compression compression() const noexcept;
    /// SHA-256 of the file, 64 hexadecimal digits; only after read() has returned 0.
    [[nodiscard]] std::string digest() const;
    /// Bytes of the file taken so far, and its size when it was opened; for progress.
    [[nodiscard]] std::uint64_t consumed() const noexcept;
    [[nodiscard]] std::uint64_t file_size() const noexcept;
    /// True if the compressed form carries a checksum of the content (of zstd and lz4, which
    /// leave it to whoever compresses: if the first frame does).
    [[nodiscard]] bool has_checksum() const noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace drctl::system
