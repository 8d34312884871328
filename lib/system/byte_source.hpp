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

/// A file, decompressed on the fly, with the digest of the *compressed* bytes computed beside
/// it. Gzip goes through ISA-L (concatenated members, header and trailer CRC-32 and length
/// checked, trailing garbage refused), the others through libarchive.
class FileSource final : public ByteSource {
  public:
    struct Options {
        bool digest = true;
        /// Reading, hashing and decompressing run on a thread of their own, ahead of the reader
        /// by at most this many blocks of 1 MiB; 0: everything in the reader's thread.
        unsigned read_ahead = 4;
    };
    FileSource(const std::filesystem::path& path, Options options, StopToken stop);
    ~FileSource() override;

    std::size_t read(std::span<std::byte> buffer) override;

    [[nodiscard]] Compression compression() const noexcept;
    /// SHA-256 of the file; only after read() has returned 0.
    [[nodiscard]] std::string digest() const;
    /// Bytes of the file taken so far and its size, for progress.
    [[nodiscard]] std::uint64_t consumed() const noexcept;
    [[nodiscard]] std::uint64_t file_size() const noexcept;
    /// True if the compressed form carries a checksum of the content.
    [[nodiscard]] bool has_checksum() const noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace drctl::system
