// SPDX-License-Identifier: Apache-2.0
#include "system/files.hpp"
#include "system/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// The result of commands whose stdout cannot be written to.
namespace drctl::test {
namespace {

using testing::HasSubstr;

system::ProcessResult into_full_disk(std::vector<std::string> words) {
    const system::TemporaryDirectory scratch;
    system::ProcessOptions options;
    options.directory = scratch.path();
    options.environment = {{"DRCTL_CONFIG", ""}, {"LC_ALL", "C.UTF-8"}};
    system::Argv argv{"sh", "-c", "exec \"$0\" \"$@\" >/dev/full", DRCTL_PROGRAM};
    argv.insert(argv.end(), words.begin(), words.end());
    return system::SystemProcessRunner().run(argv, options, {});
}

TEST(Result, ThatIsNotWrittenIsAFailure) {
    for (const auto& words : {std::vector<std::string>{"--version"},
                              std::vector<std::string>{"config", "init", "--print"}}) {
        const auto ended = into_full_disk(words);
        EXPECT_EQ(ended.exit_status, 5) << words.front();
        EXPECT_THAT(ended.err, HasSubstr("cannot write the result: No space left on device"));
    }
}

TEST(Result, ThatIsNotWrittenLeavesAnotherFailureAsItIs) {
    const auto ended = into_full_disk({"status", "--timeout", "soon", "--json"});
    EXPECT_EQ(ended.exit_status, 2);
    EXPECT_THAT(ended.err, HasSubstr("cannot write the result"));
}

} // namespace
} // namespace drctl::test
