// SPDX-License-Identifier: Apache-2.0
#include "system/byte_source.hpp"

#include "drctl/error.hpp"
#include "system/archive_source.hpp"
#include "system/compression.hpp"
#include "system/digest.hpp"
#include "system/files.hpp"
#include "system/gzip_source.hpp"
#include "system/read_ahead.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <isa-l/crc.h>
#include <random>
#include <sys/stat.h>

namespace drctl::system {
namespace {

/// `content` compressed by libarchive's filter of that name, or as it is.
std::string compressed(const char* filter, const std::string& content) {
    if (filter == std::string_view("none")) {
        return content;
    }
    std::string result(content.size() * 2 + 100'000, '\0');
    std::size_t used = 0;
    auto* const writer = ::archive_write_new();
    EXPECT_EQ(::archive_write_add_filter_by_name(writer, filter), ARCHIVE_OK);
    ::archive_write_set_format_raw(writer);
    ::archive_write_set_bytes_in_last_block(writer, 1);
    EXPECT_EQ(::archive_write_open_memory(writer, result.data(), result.size(), &used), ARCHIVE_OK);
    auto* const entry = ::archive_entry_new();
    ::archive_entry_set_filetype(entry, AE_IFREG);
    EXPECT_EQ(::archive_write_header(writer, entry), ARCHIVE_OK);
    EXPECT_EQ(::archive_write_data(writer, content.data(), content.size()),
              static_cast<la_ssize_t>(content.size()));
    ::archive_entry_free(entry);
    EXPECT_EQ(::archive_write_close(writer), ARCHIVE_OK);
    ::archive_write_free(writer);
    result.resize(used);
    return result;
}

/// Text that compresses somewhat, the same in every run.
std::string text_of(std::size_t size) {
    std::minstd_rand random(7);
    std::string text;
    while (text.size() < size) {
        text += std::to_string(random()) + "\tsome words\n";
    }
    text.resize(size);
    return text;
}

std::string read_all(ByteSource& source, std::size_t block = 100'000) {
    std::string result;
    std::vector<std::byte> buffer(block);
    for (auto count = source.read(buffer); count > 0; count = source.read(buffer)) {
        result.append(reinterpret_cast<const char*>(buffer.data()), count);
    }
    return result;
}

/// Bytes in memory, handed out in pieces.
class Memory final : public ByteSource {
  public:
    explicit Memory(std::string data, std::size_t piece = 1 << 20)
        : data_(std::move(data)), piece_(piece) {}
    std::size_t read(std::span<std::byte> buffer) override {
        const auto count = std::min({buffer.size(), piece_, data_.size() - at_});
        std::copy_n(reinterpret_cast<const std::byte*>(data_.data()) + at_, count, buffer.data());
        at_ += count;
        return count;
    }

  private:
    std::string data_;
    std::size_t piece_;
    std::size_t at_ = 0;
};

/// The message of the Error(damaged) that reading throws; empty where it throws none.
std::string damage_of(ByteSource& source) {
    try {
        read_all(source);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::damaged) << error.message();
        EXPECT_FALSE(error.hint().empty());
        return error.message();
    }
    return {};
}

std::string damage_of_gzip(const std::string& data) {
    Memory memory(data);
    GzipSource source(memory, "file");
    return damage_of(source);
}

TEST(GzipSource, ReadsWhateverTheBlocksAre) {
    const auto text = text_of(30'000);
    const auto gzip = compressed("gzip", text);
    for (const std::size_t piece : {1, 2, 7, 1'000, 1'000'000}) {
        for (const std::size_t block : {1, 3, 1'000, 1'000'000}) {
            Memory memory(gzip, piece);
            GzipSource source(memory, "file");
            EXPECT_EQ(read_all(source, block), text) << piece << " " << block;
        }
    }
}

TEST(GzipSource, ReadsConcatenatedMembersAndEmptyOnes) {
    Memory memory(compressed("gzip", "one ") + compressed("gzip", "") + compressed("gzip", "two"),
                  1);
    GzipSource source(memory, "file");
    EXPECT_EQ(read_all(source), "one two");
}

TEST(GzipSource, FindsEveryTruncation) {
    const auto gzip = compressed("gzip", text_of(2'000));
    for (std::size_t size = 0; size < gzip.size(); ++size) {
        EXPECT_NE(damage_of_gzip(gzip.substr(0, size)), "") << size << " of " << gzip.size();
    }
    EXPECT_EQ(damage_of_gzip(gzip), "");
}

TEST(GzipSource, SaysWhereItIsTruncated) {
    const auto gzip = compressed("gzip", text_of(2'000));
    EXPECT_THAT(damage_of_gzip(""), testing::HasSubstr("it is empty"));
    EXPECT_THAT(damage_of_gzip(gzip.substr(0, 300)),
                testing::HasSubstr("truncated: the compressed data goes on"));
    for (std::size_t missing = 1; missing <= 8; ++missing) {
        EXPECT_THAT(damage_of_gzip(gzip.substr(0, gzip.size() - missing)),
                    testing::HasSubstr("truncated inside the checksum"))
            << missing;
    }
}

TEST(GzipSource, FindsATruncatedSecondMember) {
    const auto gzip = compressed("gzip", "text");
    for (std::size_t size = 1; size < gzip.size(); ++size) {
        EXPECT_NE(damage_of_gzip(gzip + gzip.substr(0, size)), "") << size;
    }
}

TEST(GzipSource, FindsEveryFlippedBitOfContentAndTrailer) {
    const auto gzip = compressed("gzip", text_of(300));
    constexpr std::size_t header = 10;
    for (std::size_t at = header; at < gzip.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            auto damaged = gzip;
            damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
            EXPECT_NE(damage_of_gzip(damaged), "") << at << "." << bit;
        }
    }
}

TEST(GzipSource, RefusesWhateverFollows) {
    const auto gzip = compressed("gzip", "text");
    EXPECT_THAT(damage_of_gzip(gzip + "x"), testing::HasSubstr("something else follows"));
    EXPECT_THAT(damage_of_gzip(gzip + '\0'), testing::HasSubstr("something else follows"));
    EXPECT_THAT(damage_of_gzip(gzip + "\x1f\x8c text that is none"),
                testing::HasSubstr("not in gzip format"));
}

TEST(GzipSource, ChecksTheHeadersOwnChecksum) {
    const auto gzip = compressed("gzip", "text");
    auto header = gzip.substr(0, 10);
    header[3] = 0x02; // FHCRC
    const auto crc =
        ::crc32_gzip_refl(0, reinterpret_cast<const unsigned char*>(header.data()), header.size());
    header += static_cast<char>(crc & 0xff);
    header += static_cast<char>((crc >> 8) & 0xff);
    EXPECT_EQ(damage_of_gzip(header + gzip.substr(10)), "");
    header[4] = static_cast<char>(header[4] ^ 1); // the time, which nothing else protects
    EXPECT_NE(damage_of_gzip(header + gzip.substr(10)), "");
}

TEST(ReadAhead, PassesOnWhatItReads) {
    const auto text = text_of(10'000);
    for (const unsigned blocks : {1U, 2U, 5U}) {
        Memory memory(text, 333);
        ReadAhead ahead(memory, 100, blocks);
        EXPECT_EQ(read_all(ahead, 77), text);
    }
}

TEST(ReadAhead, ThrowsWhatItsSourceThrowsAfterTheBytesBefore) {
    class Failing final : public ByteSource {
      public:
        std::size_t read(std::span<std::byte> buffer) override {
            if (calls_++ == 2) {
                throw Error(ErrorCode::damaged, "here it ends");
            }
            std::fill(buffer.begin(), buffer.end(), std::byte{'x'});
            return buffer.size();
        }

      private:
        int calls_ = 0;
    };
    Failing failing;
    ReadAhead ahead(failing, 10, 4);
    std::array<std::byte, 20> buffer{};
    EXPECT_EQ(ahead.read(buffer), 20U);
    EXPECT_THROW(ahead.read(buffer), Error);
    EXPECT_THROW(ahead.read(buffer), Error);
}

TEST(ReadAhead, MayBeDroppedBeforeTheEnd) {
    Memory memory(text_of(100'000));
    const ReadAhead ahead(memory, 10, 2);
}

class FileSources : public testing::TestWithParam<unsigned> {
  protected:
    [[nodiscard]] FileSource::Options options() const { return {true, GetParam()}; }

    [[nodiscard]] fs::path write(const std::string& content, const char* name = "file") const {
        const auto path = directory_.path() / name;
        write_file_atomically(path, content);
        return path;
    }

    [[nodiscard]] std::string damage(const std::string& content, const char* name = "file") const {
        FileSource source(write(content, name), options(), {});
        return damage_of(source);
    }

    TemporaryDirectory directory_;
};

INSTANTIATE_TEST_SUITE_P(Threads, FileSources, testing::Values(0U, 1U, 8U));

struct Form {
    const char* filter;
    Compression compression;
};
constexpr std::array forms{
    Form{"none", Compression::none}, Form{"gzip", Compression::gzip},
    Form{"zstd", Compression::zstd}, Form{"lz4", Compression::lz4},
    Form{"xz", Compression::xz},     Form{"bzip2", Compression::bzip2},
};

constexpr std::span archive_forms = std::span(forms).subspan(2);

TEST_P(FileSources, ReadEveryFormAndHashTheFileItself) {
    const auto text = text_of(600'000);
    for (const auto& form : forms) {
        const auto path = write(compressed(form.filter, text));
        FileSource source(path, options(), {});
        EXPECT_EQ(source.compression(), form.compression) << form.filter;
        EXPECT_EQ(read_all(source), text) << form.filter;
        EXPECT_EQ(source.digest(), sha256_of_file(path)) << form.filter;
        EXPECT_EQ(source.consumed(), source.file_size()) << form.filter;
        EXPECT_EQ(source.file_size(), fs::file_size(path)) << form.filter;
    }
}

TEST_P(FileSources, ReadTwoFramesAsOneText) {
    for (const auto& form : forms) {
        const auto path = write(compressed(form.filter, "one ") + compressed(form.filter, "two"));
        FileSource source(path, options(), {});
        EXPECT_EQ(read_all(source), "one two") << form.filter;
    }
}

TEST_P(FileSources, ReadWhatIsEmptyInside) {
    // As the lz4 and zstd programs write it; libarchive cannot write these.
    const std::string lz4("\x04\x22\x4d\x18\x64\x40\xa7\0\0\0\0\x05\x5d\xcc\x02", 15);
    const std::string zstd("\x28\xb5\x2f\xfd\x24\0\x01\0\0\x99\xe9\xd8\x51", 13);
    for (const auto& content : {std::string(), compressed("gzip", ""), compressed("xz", ""),
                                compressed("bzip2", ""), lz4, zstd}) {
        FileSource source(write(content), options(), {});
        EXPECT_EQ(read_all(source), "") << content.size();
    }
}

TEST_P(FileSources, RefuseWhatFollows) {
    for (const auto& form : forms) {
        if (form.compression != Compression::none) {
            EXPECT_NE(damage(compressed(form.filter, "text") + "and then this"), "") << form.filter;
        }
    }
}

TEST_P(FileSources, BelieveTheContentAndNotTheName) {
    const auto path = write(compressed("xz", "text"), "file.gz");
    FileSource source(path, options(), {});
    EXPECT_EQ(source.compression(), Compression::xz);
    EXPECT_EQ(read_all(source), "text");
}

TEST(ArchiveSource, FindsEveryTruncation) {
    for (const auto& form : archive_forms) {
        const auto whole = compressed(form.filter, text_of(500));
        for (std::size_t size = 0; size < whole.size(); ++size) {
            Memory memory(whole.substr(0, size));
            ArchiveSource source(memory, form.compression, "file");
            EXPECT_NE(damage_of(source), "")
                << form.filter << ": " << size << " of " << whole.size();
        }
    }
}

TEST(ArchiveSource, FindsEveryFlippedByteOfWhatIsChecksummed) {
    for (const auto& form : archive_forms) {
        const auto whole = compressed(form.filter, text_of(500));
        if (!carries_checksum(form.compression, whole)) {
            continue;
        }
        for (std::size_t at = whole.size() / 4; at < whole.size() / 2; ++at) {
            auto damaged = whole;
            damaged[at] = static_cast<char>(~damaged[at]);
            Memory memory(damaged);
            ArchiveSource source(memory, form.compression, "file");
            EXPECT_NE(damage_of(source), "") << form.filter << " at " << at;
        }
    }
}

TEST(ArchiveSource, RefusesWhatIsCompressedTwice) {
    Memory memory(compressed("xz", compressed("xz", "text")));
    ArchiveSource source(memory, Compression::xz, "file");
    EXPECT_THAT(damage_of(source), testing::HasSubstr("compressed twice"));
}

TEST(ArchiveSource, PassesOnTheErrorsOfItsSource) {
    class Failing final : public ByteSource {
      public:
        std::size_t read(std::span<std::byte>) override {
            throw Error(ErrorCode::interrupted, "interrupted");
        }
    };
    Failing failing;
    ArchiveSource source(failing, Compression::zstd, "file");
    try {
        read_all(source);
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::interrupted);
    }
}

TEST(FileSource, RefusesANameThatPromisesMore) {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "dump.sql.gz";
    for (const auto* content : {"", "CREATE TABLE t ();\n", "BZh91 is no bzip2"}) {
        write_file_atomically(path, content);
        try {
            const FileSource source(path, {}, {});
            ADD_FAILURE() << content;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::damaged);
        }
    }
}

TEST(FileSource, ReadsRegularFilesOnly) {
    const TemporaryDirectory directory;
    const auto fifo = directory.path() / "fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    for (const auto& path : {directory.path(), fifo, directory.path() / "none"}) {
        try {
            const FileSource source(path, {}, {});
            ADD_FAILURE() << path;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::failed);
        }
    }
}

TEST(FileSource, NoticesThatTheFileGrew) {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "dump.sql";
    write_file_atomically(path, "one\n");
    FileSource source(path, {true, 0}, {});
    AppendFile(path).append("two\n");
    EXPECT_THAT(damage_of(source), testing::HasSubstr("changed while it was read"));
}

TEST(FileSource, StopsWhenAskedTo) {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "dump.sql";
    write_file_atomically(path, "text");
    StopSource stop;
    stop.request(2);
    FileSource source(path, {}, stop.token());
    try {
        read_all(source);
        ADD_FAILURE() << "it was not stopped";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::interrupted);
    }
}

TEST(FileSource, GivesItsDigestOnlyAtTheEnd) {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "dump.sql";
    write_file_atomically(path, "text");
    FileSource source(path, {}, {});
    EXPECT_THROW(static_cast<void>(source.digest()), Error);
    read_all(source);
    EXPECT_EQ(source.digest(), sha256_hex("text"));
    EXPECT_EQ(source.digest(), sha256_hex("text"));
}

} // namespace
} // namespace drctl::system
