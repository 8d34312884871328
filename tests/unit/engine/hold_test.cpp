// SPDX-License-Identifier: Apache-2.0
#include "engine/hold.hpp"

#include "drctl/error.hpp"
#include "support/fake_clock.hpp"
#include "system/files.hpp"

#include <gtest/gtest.h>

namespace drctl::engine {
namespace {

class HoldTest : public testing::Test {
  protected:
    test::FakeClock clock;
    system::TemporaryDirectory directory;
    Holds holds{directory.path() / "holds", clock};
};

TEST_F(HoldTest, HoldsUntilItExpires) {
    EXPECT_FALSE(holds.find("a"));
    holds.set({"a", "ada", "migration", clock.wall() + std::chrono::hours(1)});
    ASSERT_TRUE(holds.find("a"));
    EXPECT_EQ(holds.find("a")->reason, "migration");
    EXPECT_EQ(holds.list().size(), 1U);
    EXPECT_THROW(holds.refuse_if_held("a"), Error);
    clock.advance(std::chrono::hours(1));
    EXPECT_FALSE(holds.find("a"));
    EXPECT_NO_THROW(holds.refuse_if_held("a"));
}

TEST_F(HoldTest, IsLifted) {
    holds.set({"a", "ada", "migration", clock.wall() + std::chrono::hours(1)});
    EXPECT_TRUE(holds.remove("a"));
    EXPECT_FALSE(holds.remove("a"));
    EXPECT_NO_THROW(holds.refuse_if_held("a"));
}

TEST_F(HoldTest, OneThatCannotBeReadStillHolds) {
    system::make_directories(directory.path() / "holds");
    system::write_file_atomically(directory.path() / "holds/a.json", "not json");
    EXPECT_THROW(holds.refuse_if_held("a"), Error);
}

TEST_F(HoldTest, AReasonMayHoldAnyBytes) {
    holds.set({"a", "ada", "mig\xffration", clock.wall() + std::chrono::hours(1)});
    ASSERT_TRUE(holds.find("a"));
    EXPECT_EQ(holds.find("a")->reason, "mig\xEF\xBF\xBDration");
}

TEST_F(HoldTest, ATargetIsANameAndNoPath) {
    EXPECT_THROW(holds.set({"../a", "ada", "", clock.wall()}), Error);
}

} // namespace
} // namespace drctl::engine
