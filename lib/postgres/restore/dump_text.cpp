// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/dump_text.hpp"

#include "system/digest.hpp"
#include "system/program_source.hpp"

#include <utility>

namespace drctl::postgres::restore {
namespace {

namespace fs = std::filesystem;

class FileText final : public DumpText {
  public:
    FileText(const fs::path& dump, system::StopToken stop) : source_(dump, {}, stop) {}

    system::ByteSource& bytes() override { return source_; }
    [[nodiscard]] Position position() const override {
        return {source_.consumed(), source_.file_size()};
    }
    [[nodiscard]] std::string digest() const override { return source_.digest(); }

  private:
    system::FileSource source_;
};

class ArchiveText final : public DumpText {
  public:
    ArchiveText(const fs::path& pg_restore, fs::path archive, std::uint64_t bytes,
                system::StopToken stop)
        : archive_(std::move(archive)), bytes_(bytes),
          source_({pg_restore.string(), "--file=-", archive_.string()}, stop) {}

    system::ByteSource& bytes() override { return source_; }
    [[nodiscard]] Position position() const override { return {source_.consumed(), bytes_}; }
    [[nodiscard]] std::string digest() const override {
        return fs::is_directory(archive_) ? std::string() : system::sha256_of_file(archive_);
    }

  private:
    fs::path archive_;
    std::uint64_t bytes_;
    system::ProgramSource source_;
};

} // namespace

OpenText text_of_file(fs::path dump) {
    return [dump = std::move(dump)](system::StopToken stop) {
        return std::make_unique<FileText>(dump, stop);
    };
}

OpenText text_of_archive(fs::path pg_restore, fs::path archive, std::uint64_t bytes) {
    return [pg_restore = std::move(pg_restore), archive = std::move(archive),
            bytes](system::StopToken stop) {
        return std::make_unique<ArchiveText>(pg_restore, archive, bytes, stop);
    };
}

} // namespace drctl::postgres::restore
