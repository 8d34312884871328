// SPDX-License-Identifier: Apache-2.0
#include "system/digest.hpp"

#include "drctl/error.hpp"
#include "system/files.hpp"

#include <gtest/gtest.h>

namespace drctl::system {
namespace {

// FIPS 180-4 examples.
constexpr auto of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr auto of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, MatchesTheStandardsExamples) {
    EXPECT_EQ(sha256_hex(""), of_nothing);
    EXPECT_EQ(sha256_hex("abc"), of_abc);
}

TEST(Sha256, DoesNotDependOnHowTheDataIsCut) {
    Sha256 digest;
    digest.update(std::as_bytes(std::span("a", 1)));
    digest.update(std::as_bytes(std::span("bc", 2)));
    EXPECT_EQ(digest.hex(), of_abc);
}

TEST(Sha256, OfAFileIsThatOfItsContent) {
    const TemporaryDirectory directory;
    const std::string content(700'000, 'x');
    write_file_atomically(directory.path() / "file", content);
    EXPECT_EQ(sha256_of_file(directory.path() / "file"), sha256_hex(content));
    EXPECT_THROW(static_cast<void>(sha256_of_file(directory.path() / "none")), Error);
}

} // namespace
} // namespace drctl::system
