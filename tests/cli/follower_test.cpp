// SPDX-License-Identifier: Apache-2.0
#include "views/follower.hpp"

#include "support/fake_clock.hpp"
#include "system/files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>

namespace drctl::app::views {
namespace {

// A file stands for what is no terminal.
class FollowerTest : public testing::Test {
  protected:
    void work(std::uint64_t done) {
        system::write_file_atomically(run_.path() / "progress.json",
                                      R"({"unit":"items","phase":"restore","done":)" +
                                          std::to_string(done) + R"(,"total":100})");
    }
    [[nodiscard]] std::string said() const { return system::read_file(path_); }

    system::TemporaryDirectory run_;
    std::filesystem::path path_ = run_.path() / "narration";
    system::UniqueFd file_{::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
    Console console_{file_.get(), file_.get(), file_.get()};
    test::FakeClock clock_;
    Follower follower_{console_, clock_, run_.path()};
};

TEST_F(FollowerTest, TellsProgressEveryHalfMinuteWhereThereIsNoTerminal) {
    for (unsigned second = 0; second <= 61; ++second) {
        work(second);
        follower_.show_news({});
        clock_.advance(std::chrono::seconds(1));
    }
    EXPECT_EQ(said(), "restore  30 of 100  30%  1/s  1m 10s left\n"
                      "restore  60 of 100  60%  1/s  40s left\n");
}

TEST_F(FollowerTest, SaysHowLongServicesHaveBeenDown) {
    engine::Facts facts;
    const auto since = clock_.wall().time_since_epoch();
    facts.set("outage.began",
              std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(since).count()));
    work(1);
    follower_.show_news(facts);
    clock_.advance(std::chrono::seconds(30));
    follower_.show_news(facts);
    EXPECT_NE(said().find("services down for 30s"), std::string::npos) << said();
}

TEST_F(FollowerTest, RepeatsTheLogWithoutWhatATerminalWouldObey) {
    system::write_file_atomically(run_.path() / "log", "one\ntwo \x1b]0;owned\x07\n");
    follower_.show_news({});
    follower_.show_news({});
    EXPECT_EQ(said().find('\x1b'), std::string::npos);
    EXPECT_TRUE(said().starts_with("one\ntwo ")) << said();
}

} // namespace
} // namespace drctl::app::views
