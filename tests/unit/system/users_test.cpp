// SPDX-License-Identifier: Apache-2.0
#include "system/users.hpp"

#include "drctl/error.hpp"

#include <algorithm>
#include <future>
#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>

namespace drctl::system {
namespace {

TEST(FindUser, KnowsRootAndNotTheUnknown) {
    const auto root = find_user("root");
    ASSERT_TRUE(root);
    EXPECT_EQ(root->uid, 0U);
    EXPECT_FALSE(root->home.empty());
    EXPECT_NE(std::find(root->groups.begin(), root->groups.end(), root->gid), root->groups.end());
    EXPECT_FALSE(find_user("no-such-user-here"));
}

TEST(CurrentUser, IsTheEffectiveOne) {
    EXPECT_EQ(current_user().uid, ::geteuid());
    EXPECT_EQ(running_as_root(), ::geteuid() == 0);
}

TEST(ActAs, ChangesThisThreadOnlyAndComesBack) {
    const auto other = find_user("nobody");
    if (!running_as_root() || !other) {
        GTEST_SKIP() << "needs root and a user 'nobody'";
    }
    std::promise<void> acting;
    std::promise<uid_t> seen;
    std::thread another([&acting, &seen] {
        acting.get_future().wait();
        seen.set_value(::geteuid());
    });
    {
        const ActAs act(*other);
        EXPECT_EQ(::geteuid(), other->uid);
        acting.set_value();
        EXPECT_EQ(seen.get_future().get(), 0U);
        EXPECT_THROW(ActAs(User{"daemon", 1, 1, {}, "/"}), Error);
    }
    another.join();
    EXPECT_EQ(::geteuid(), 0U);
}

TEST(ActAs, DoesNothingForOurselves) {
    const ActAs act(current_user());
    EXPECT_EQ(::geteuid(), current_user().uid);
}

TEST(HostName, IsNotEmpty) {
    EXPECT_FALSE(host_name().empty());
}

} // namespace
} // namespace drctl::system
