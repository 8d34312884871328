// SPDX-License-Identifier: Apache-2.0
#include "system/program_source.hpp"

#include "drctl/error.hpp"

#include <array>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace drctl::system {
namespace {

std::string read_all(ByteSource& source) {
    std::string text;
    std::array<std::byte, 4096> buffer{};
    while (const auto got = source.read(buffer)) {
        text.append(reinterpret_cast<const char*>(buffer.data()), got);
    }
    return text;
}

TEST(ProgramSource, ReadsWhatTheProgramWrites) {
    ProgramSource source({"seq", "1", "50000"}, {});
    const auto text = read_all(source);
    EXPECT_EQ(source.consumed(), text.size());
    EXPECT_TRUE(text.starts_with("1\n2\n"));
    EXPECT_TRUE(text.ends_with("\n49999\n50000\n"));
}

TEST(ProgramSource, HasNoEndWhenTheProgramFails) {
    ProgramSource source({"ls", "--", "/", "/no-such-file"}, {});
    try {
        read_all(source);
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::damaged);
        EXPECT_THAT(error.message(), testing::StartsWith("ls cannot read it to the end: ls: "));
        EXPECT_THAT(error.message(), testing::HasSubstr("/no-such-file"));
    }
}

TEST(ProgramSource, EndsWithTheStop) {
    StopSource stop;
    ProgramSource source({"sleep", "600"}, stop.token());
    stop.request(SIGTERM);
    EXPECT_THROW(read_all(source), Error);
}

TEST(ProgramSource, NamesAProgramThatIsNotThere) {
    EXPECT_THROW(ProgramSource({"no-such-program"}, {}), Error);
}

} // namespace
} // namespace drctl::system
