// SPDX-License-Identifier: Apache-2.0
#include "service/systemd_hold.hpp"

#include "system/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::service {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class SystemdHolds : public testing::Test {
  protected:
    [[nodiscard]] fs::path drop_in(const char* unit) const {
        return directory_.path() / (std::string(unit) + ".d") / "90-drctl-hold.conf";
    }
    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(directory_.path()), fs::directory_iterator()));
    }

    system::TemporaryDirectory directory_;
    SystemdHold hold_{directory_.path(), "app.service"};
    SystemdHold::Memory memory_{{"app.socket", "app.timer"}, {"app.timer"}};
};

TEST_F(SystemdHolds, HoldTheUnitAndWhatTriggersIt) {
    EXPECT_FALSE(hold_.in_force());
    EXPECT_FALSE(hold_.memory());
    hold_.impose(memory_);
    EXPECT_TRUE(hold_.in_force());
    const auto own = system::read_file(drop_in("app.service"));
    EXPECT_THAT(own, HasSubstr("[Unit]\nConditionPathExists=!/\n"));
    EXPECT_THAT(own, HasSubstr("[Service]\nRestart=no\n"));
    const auto socket = system::read_file(drop_in("app.socket"));
    EXPECT_THAT(socket, HasSubstr("ConditionPathExists=!/\n"));
    EXPECT_THAT(socket, Not(HasSubstr("[Service]")));
    EXPECT_TRUE(fs::exists(drop_in("app.timer")));
}

TEST_F(SystemdHolds, RememberUntilTheyAreForgotten) {
    hold_.impose(memory_);
    const SystemdHold later(directory_.path(), "app.service"); // of another process
    ASSERT_TRUE(later.memory());
    EXPECT_THAT(later.memory()->triggers, ElementsAre("app.socket", "app.timer"));
    EXPECT_THAT(later.memory()->active, ElementsAre("app.timer"));
    later.lift();
    EXPECT_FALSE(later.in_force());
    EXPECT_TRUE(later.lifted());
    EXPECT_FALSE(fs::exists(drop_in("app.socket")));
    ASSERT_TRUE(later.memory());
    EXPECT_THAT(later.memory()->active, ElementsAre("app.timer"));
    later.forget();
    EXPECT_FALSE(later.memory());
    EXPECT_EQ(entries(), 0U);
}

TEST_F(SystemdHolds, MayBeLiftedAgainAfterACrash) {
    hold_.impose(memory_);
    hold_.lift();
    // A crash in the middle of lifting leaves drop-ins of triggers behind.
    system::make_directories(drop_in("app.socket").parent_path());
    system::write_file_atomically(drop_in("app.socket"), "");
    hold_.lift();
    EXPECT_FALSE(fs::exists(drop_in("app.socket")));
    EXPECT_TRUE(hold_.lifted());
    hold_.forget();
    hold_.lift();
    hold_.forget();
    EXPECT_EQ(entries(), 0U);
}

TEST_F(SystemdHolds, LeaveOtherDropInsAlone) {
    const auto other = drop_in("app.service").parent_path() / "override.conf";
    system::make_directories(other.parent_path());
    system::write_file_atomically(other, "[Service]\n");
    hold_.impose({});
    EXPECT_THAT(hold_.memory()->triggers, IsEmpty());
    hold_.lift();
    hold_.forget();
    EXPECT_EQ(system::read_file(other), "[Service]\n");
}

} // namespace
} // namespace drctl::service
