// SPDX-License-Identifier: Apache-2.0
#include "engine/journal.hpp"

#include "drctl/error.hpp"
#include "engine/run_record.hpp"
#include "support/fake_clock.hpp"
#include "system/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace drctl::engine {
namespace {

using testing::HasSubstr;

class JournalTest : public testing::Test {
  protected:
    void write(const std::string& text) { system::write_file_atomically(path, text); }
    std::string error_of() {
        try {
            static_cast<void>(read_journal(path));
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::damaged);
            return error.message();
        }
        return "";
    }
    test::FakeClock clock;
    system::TemporaryDirectory directory;
    std::filesystem::path path = directory.path() / "journal.jsonl";
};

TEST_F(JournalTest, ReadsBackWhatItWrote) {
    Journal journal(path, clock);
    journal.append("fact", {{"key", "a"}, {"value", "\xff is no UTF-8"}});
    const auto events = read_journal(path);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].name, "fact");
    EXPECT_EQ(events[0].body.at("v"), 1);
    EXPECT_EQ(events[0].body.at("at"), "2026-11-23T03:15:02Z");
}

TEST_F(JournalTest, ToleratesATornLastLineOfAnyLength) {
    {
        Journal journal(path, clock);
        journal.append("one", {{"x", 1}});
        journal.append("two", {{"x", 2}});
    }
    const auto whole = system::read_file(path);
    const auto first = whole.find('\n') + 1;
    for (auto length = first; length < whole.size(); ++length) {
        write(whole.substr(0, length));
        EXPECT_EQ(read_journal(path).size(), 1U) << length;
        Journal again(path, clock);
        again.append("three", {{"x", 3}});
        const auto events = read_journal(path);
        ASSERT_EQ(events.size(), 2U) << length;
        EXPECT_EQ(events[1].name, "three");
    }
}

TEST_F(JournalTest, HasRoomForTheRunAlsoAfterATornLine) {
    const auto blocks = [](const std::filesystem::path& file) {
        struct stat status {};
        EXPECT_EQ(::stat(file.c_str(), &status), 0);
        return status.st_blocks;
    };
    Journal fresh(directory.path() / "fresh", clock);
    write("{\"v\":1,\"event\":\"run\"}\n{\"v\":1,\"ev");
    Journal torn(path, clock);
    EXPECT_GE(blocks(path), blocks(directory.path() / "fresh"));
}

TEST_F(JournalTest, DamageElsewhereStopsTheRun) {
    write("{\"v\":1,\"event\":\"run\"}\n{\"v\":1,\"ev\n{\"v\":1,\"event\":\"end\"}\n");
    EXPECT_THAT(error_of(), HasSubstr("line 2"));
}

TEST_F(JournalTest, AnUnknownOutcomeIsDamageAndNoBug) {
    const auto run = parse_journal(
        R"({"v":1,"event":"run","run":"r","procedure":"p","target":"t","by":{},"version":"0",)"
        R"("configuration":{},"options":{},"started":""})"
        "\n"
        R"({"v":1,"event":"plan","rung":"restore","on_success":"glorious","plan_id":"1",)"
        R"("steps":[],"facts":{},"accepted":[],"consequences":[]})"
        "\n",
        "journal");
    try {
        static_cast<void>(replay(run));
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::damaged);
        EXPECT_THAT(error.message(), HasSubstr("glorious"));
    }
}

TEST_F(JournalTest, AnUnknownVersionStopsTheRun) {
    write("{\"v\":2,\"event\":\"run\"}\n");
    EXPECT_THAT(error_of(), HasSubstr("version 2"));
    write("{\"v\":4294967297,\"event\":\"run\"}\n"); // 1, if cut to 32 bits
    EXPECT_THAT(error_of(), HasSubstr("version 4294967297"));
}

} // namespace
} // namespace drctl::engine
