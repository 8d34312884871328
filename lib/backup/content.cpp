// SPDX-License-Identifier: Apache-2.0
#include "backup/content.hpp"

#include "postgres/dump/reader.hpp"
#include "system/byte_source.hpp"
#include "system/digest.hpp"
#include "system/program_source.hpp"

namespace drctl::backup {
namespace {

namespace fs = std::filesystem;

/// Tells how far a file has been read, each time more of it is.
class WatchedSource final : public system::ByteSource {
  public:
    WatchedSource(system::FileSource& file, const InspectContext& context)
        : file_(file), context_(context) {}
    std::size_t read(std::span<std::byte> buffer) override {
        const auto got = file_.read(buffer);
        context_.progress(file_.consumed(), file_.file_size());
        return got;
    }

  private:
    system::FileSource& file_;
    const InspectContext& context_;
};

Content read_plain(const Candidate& candidate, const InspectContext& context) {
    system::FileSource file(candidate.path, {}, context.stop);
    WatchedSource source(file, context);
    Content content;
    content.outline = postgres::dump::outline_of(source);
    content.sha256 = file.digest();
    content.has_checksum = file.has_checksum();
    return content;
}

Content read_archive(const Candidate& candidate, Format format, const InspectContext& context) {
    system::ProgramSource source({context.pg_restore.string(), "--file=-", candidate.path.string()},
                                 context.stop);
    Content content;
    content.outline = postgres::dump::outline_of(source);
    content.sha256 = format == Format::directory ? digest_of_directory(candidate.path)
                                                 : system::sha256_of_file(candidate.path);
    // Compressed data has its own checksums, but the archive's frame has none.
    content.has_checksum = false;
    return content;
}

} // namespace

Content read_content(const Candidate& candidate, Format format, const InspectContext& context) {
    return format == Format::plain ? read_plain(candidate, context)
                                   : read_archive(candidate, format, context);
}

postgres::dump::Header read_header(const Candidate& candidate, const InspectContext& context) {
    system::FileSource file(candidate.path, {.digest = false, .read_ahead = 0}, context.stop);
    // Before pg_dump's first statement there are comments only, and that one is short: what is not
    // so is no dump, and need not be read far.
    postgres::dump::Reader reader(
        file, {.chunk_size = std::size_t{64} << 10, .statement_limit = std::size_t{1} << 20});
    static_cast<void>(reader.next());
    return reader.header();
}

std::string digest_of_directory(const fs::path& directory) {
    std::string list;
    for (const auto& file : files_below(directory)) {
        list +=
            file.lexically_relative(directory).string() + "=" + system::sha256_of_file(file) + "\n";
    }
    return system::sha256_hex(list);
}

} // namespace drctl::backup
