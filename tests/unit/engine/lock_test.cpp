// SPDX-License-Identifier: Apache-2.0
#include "engine/lock.hpp"

#include "drctl/error.hpp"
#include "support/fake_clock.hpp"
#include "system/files.hpp"
#include "system/users.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace drctl::engine {
namespace {

using testing::HasSubstr;

class LockTest : public testing::Test {
  protected:
    Locks lock(std::vector<std::string> resources, std::chrono::milliseconds patience = {}) {
        return {directory.path() / "locks",
                std::move(resources),
                {"42", "ada", "db1", "", "2026-11-23T03:15:02Z"},
                patience,
                clock,
                {}};
    }
    std::string refusal(std::vector<std::string> resources,
                        std::chrono::milliseconds patience = {}) {
        try {
            lock(std::move(resources), patience);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::locked);
            return error.message();
        }
        return "";
    }
    test::FakeClock clock;
    system::TemporaryDirectory directory;
};

TEST_F(LockTest, NamesTheHolder) {
    auto held = lock({"database/a"});
    EXPECT_THAT(refusal({"database/a"}), HasSubstr("process 42 of ada on db1"));
    held.announce("20261123T031502Z-7f3a");
    EXPECT_THAT(refusal({"database/a"}), HasSubstr("run 20261123T031502Z-7f3a"));
}

TEST_F(LockTest, DifferentResourcesDoNotMeet) {
    auto one = lock({"database/a", "unit/x"});
    auto other = lock({"database/b"});
    EXPECT_THAT(refusal({"database/c", "unit/x"}), HasSubstr("unit/x"));
    // The refused one let go of what it had taken already.
    EXPECT_EQ(refusal({"database/c"}), "");
}

TEST_F(LockTest, WaitsAsLongAsItWasTold) {
    auto held = lock({"database/a"});
    EXPECT_NE(refusal({"database/a"}, std::chrono::seconds(3)), "");
    EXPECT_GE(clock.passed(), std::chrono::seconds(3));
}

TEST_F(LockTest, ADeadHolderFreesIt) {
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        auto held = lock({"database/a"});
        ::_exit(0); // without any destructor, as if killed
    }
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_EQ(refusal({"database/a"}), "");
}

TEST_F(LockTest, TellsWhoIsAtWorkWithoutTouchingTheLock) {
    const auto locks = directory.path() / "locks";
    {
        Locks held(locks, {"database/a", "unit/x"},
                   {std::to_string(::getpid()), "ada", "db1", "20261123T031502Z-7f3a", "now"}, {},
                   clock, {});
        const auto holders = lock_holders(locks);
        ASSERT_EQ(holders.size(), 1U);
        EXPECT_EQ(holders.front().run, "20261123T031502Z-7f3a");
    }
    // The file still names the last holder, but nobody holds it.
    EXPECT_TRUE(lock_holders(locks).empty());
}

TEST_F(LockTest, TheGroupCanReadItsFileWhateverTheUmask) {
    const auto before = ::umask(077);
    auto held = lock({"database/a"});
    ::umask(before);
    struct stat status {};
    ASSERT_EQ(::stat((directory.path() / "locks/database%2fa.lock").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST_F(LockTest, AHolderMayHaveAnyName) {
    const auto locks = directory.path() / "locks";
    Locks held(locks, {"database/a"}, {std::to_string(::getpid()), "ad\xff", "db1", "", "now"}, {},
               clock, {});
    EXPECT_EQ(lock_holders(locks).size(), 1U);
}

TEST_F(LockTest, WhoMayNotOpenItIsToldToUseSudo) {
    static_cast<void>(lock({"database/a"}));
    ::chmod(directory.path().c_str(), 0755);
    ::chmod((directory.path() / "locks/database%2fa.lock").c_str(), 0);
    std::optional<system::ActAs> somebody;
    if (system::running_as_root()) {
        somebody.emplace(system::find_user("nobody").value()); // root may open everything
    }
    try {
        static_cast<void>(lock({"database/a"}));
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::refused);
        EXPECT_THAT(error.message(), HasSubstr("permission denied"));
        EXPECT_THAT(error.hint(), HasSubstr("sudo"));
    }
}

TEST_F(LockTest, ANameCannotLeaveTheDirectory) {
    auto held = lock({"database/../../etc/passwd"});
    EXPECT_TRUE(std::filesystem::exists(directory.path() / "locks" /
                                        "database%2f..%2f..%2fetc%2fpasswd.lock"));
}

} // namespace
} // namespace drctl::engine
