// SPDX-License-Identifier: Apache-2.0
#include "engine/run_log.hpp"

#include "support/fake_clock.hpp"
#include "system/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace drctl::engine {
namespace {

using testing::HasSubstr;

class RunLogTest : public testing::Test {
  protected:
    [[nodiscard]] std::string content(const char* name) const {
        return system::read_file(directory.path() / name);
    }
    test::FakeClock clock;
    system::TemporaryDirectory directory;
    Observer terminal;
};

TEST_F(RunLogTest, EscapesWhatATerminalWouldObey) {
    RunLog log(directory.path(), clock, terminal);
    log.observer().note("the server said \x1b[2J\nund ging");
    EXPECT_EQ(content("log"), "2026-11-23T03:15:02Z the server said \\x1b[2J und ging\n");
}

TEST_F(RunLogTest, TheGroupCanReadItsFilesWhateverTheUmask) {
    const auto before = ::umask(077);
    const RunLog log(directory.path(), clock, terminal);
    ::umask(before);
    for (const auto* name : {"log", progress_file}) {
        struct stat status {};
        ASSERT_EQ(::stat((directory.path() / name).c_str(), &status), 0) << name;
        EXPECT_EQ(status.st_mode & 0777U, 0640U) << name;
    }
}

TEST_F(RunLogTest, TellsProgressWithAnyName) {
    RunLog log(directory.path(), clock, terminal);
    log.observer().progress({Progress::Unit::items, "rows of \xff", 1, 2});
    EXPECT_THAT(content(progress_file), HasSubstr("\"done\":1"));
}

} // namespace
} // namespace drctl::engine
