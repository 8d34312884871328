// SPDX-License-Identifier: Apache-2.0
#include "system/compression.hpp"

#include <gtest/gtest.h>

namespace drctl::system {
namespace {

using namespace std::string_view_literals;

TEST(Compression, IsToldByTheFirstBytes) {
    EXPECT_EQ(compression_of("\x1f\x8b\x08"sv), Compression::gzip);
    EXPECT_EQ(compression_of("\x28\xb5\x2f\xfd\x04"sv), Compression::zstd);
    EXPECT_EQ(compression_of("\x04\x22\x4d\x18\x64"sv), Compression::lz4);
    EXPECT_EQ(compression_of("\xfd"
                             "7zXZ\0\0\4"sv),
              Compression::xz);
    EXPECT_EQ(compression_of("BZh91AY&SY"), Compression::bzip2);
    EXPECT_EQ(compression_of("BZh9\x17\x72\x45\x38\x50\x90"sv), Compression::bzip2);
}

TEST(Compression, IsNoneForText) {
    for (const auto text :
         {""sv, "\x1f"sv, "--\n-- PostgreSQL"sv, "PGDMP\x01"sv, "BZh9 is text"sv, "P*M"sv}) {
        EXPECT_EQ(compression_of(text), Compression::none) << text;
    }
}

TEST(Compression, LooksBehindSkippableFrames) {
    // As pzstd writes it: a skippable frame with the size of the next one.
    constexpr auto skippable = "\x50\x2a\x4d\x18\x04\0\0\0\x99\0\0\0"sv;
    const auto zstd = std::string(skippable) + "\x28\xb5\x2f\xfd\x04";
    EXPECT_EQ(compression_of(zstd), Compression::zstd);
    EXPECT_TRUE(carries_checksum(Compression::zstd, zstd));
    EXPECT_EQ(compression_of(skippable), Compression::zstd);
}

TEST(Compression, SaysWhetherTheContentIsChecksummed) {
    EXPECT_TRUE(carries_checksum(Compression::gzip, "\x1f\x8b"sv));
    EXPECT_TRUE(carries_checksum(Compression::bzip2, "BZh91AY&SY"));
    EXPECT_FALSE(carries_checksum(Compression::none, "text"));
    EXPECT_TRUE(carries_checksum(Compression::zstd, "\x28\xb5\x2f\xfd\x24"sv));
    EXPECT_FALSE(carries_checksum(Compression::zstd, "\x28\xb5\x2f\xfd\x20"sv));
    EXPECT_TRUE(carries_checksum(Compression::lz4, "\x04\x22\x4d\x18\x64"sv));
    EXPECT_TRUE(carries_checksum(Compression::lz4, "\x04\x22\x4d\x18\x70"sv));
    EXPECT_FALSE(carries_checksum(Compression::lz4, "\x04\x22\x4d\x18\x60"sv));
    EXPECT_TRUE(carries_checksum(Compression::xz, "\xfd"
                                                  "7zXZ\0\0\4"sv));
    EXPECT_FALSE(carries_checksum(Compression::xz, "\xfd"
                                                   "7zXZ\0\0\0"sv));
}

} // namespace
} // namespace drctl::system
