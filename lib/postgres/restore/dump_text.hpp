// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/byte_source.hpp"
#include "system/stop.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace drctl::postgres::restore {

/// A dump while it is restored: its statements and rows as psql would read them.
class DumpText {
  public:
    /// How far it has been read; in bytes of the file, or of the text where the file is an archive.
    struct Position {
        std::uint64_t done = 0;
        std::uint64_t total = 0;
    };

    DumpText() = default;
    DumpText(const DumpText&) = delete;
    DumpText& operator=(const DumpText&) = delete;
    virtual ~DumpText() = default;

    virtual system::ByteSource& bytes() = 0;
    [[nodiscard]] virtual Position position() const = 0;
    /// SHA-256 of the file, once all of it has been read; empty for a directory.
    [[nodiscard]] virtual std::string digest() const = 0;
};

/// Opens a dump in the thread that will read it.
using OpenText = std::function<std::unique_ptr<DumpText>(system::StopToken)>;

/// Of a plain dump, compressed or not.
OpenText text_of_file(std::filesystem::path dump);

/// Of an archive of pg_dump, which `pg_restore` turns into text; that is about `bytes` long.
OpenText text_of_archive(std::filesystem::path pg_restore, std::filesystem::path archive,
                         std::uint64_t bytes);

} // namespace drctl::postgres::restore
