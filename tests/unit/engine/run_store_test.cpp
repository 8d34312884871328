// SPDX-License-Identifier: Apache-2.0
#include "engine/run_store.hpp"

#include "drctl/error.hpp"
#include "engine/hold.hpp"
#include "support/fake_clock.hpp"
#include "system/files.hpp"
#include "system/users.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <optional>
#include <sys/stat.h>

namespace drctl::test {
namespace {

using engine::RunHeader;
using engine::RunStore;

class RunStoreTest : public testing::Test {
  protected:
    RunHeader header(const std::string& id) {
        RunHeader made;
        made.run = id;
        made.procedure = "toy";
        made.target = "box";
        made.started = "2026-11-23T03:15:02Z";
        return made;
    }

    system::TemporaryDirectory scratch;
    FakeClock clock;
    RunStore store{scratch.path() / "state", clock};
};

TEST_F(RunStoreTest, NoTwoProcessesGetTheSameId) {
    RunStore other(scratch.path() / "state", clock);
    static_cast<void>(store.create(header(store.reserve().id())));
    const auto one = store.reserve();
    const auto two = other.reserve();
    EXPECT_NE(one.id(), two.id());
    EXPECT_LT(store.ids().back(), one.id()) << "within a second, too, the newest is the last";
}

TEST_F(RunStoreTest, AnIdThatWasNotUsedLeavesNothing) {
    const auto id = [this] { return store.reserve().id(); }();
    EXPECT_FALSE(std::filesystem::exists(store.directory_of(id)));
}

TEST_F(RunStoreTest, ARunIsBegunOnlyOnce) {
    const auto reserved = store.reserve();
    static_cast<void>(store.create(header(reserved.id())));
    EXPECT_THROW(static_cast<void>(store.create(header(reserved.id()))), Error);
}

TEST_F(RunStoreTest, ARunThatDiedBeforeItsFirstLineIsNone) {
    static_cast<void>(store.create(header("20261123T031502Z-0001")));
    for (const auto& [id, text] : {std::pair("20261123T031502Z-0002", ""),
                                   std::pair("20261123T031502Z-0003", "{\"v\":1,\"event\":\"ru")}) {
        system::make_directories(store.directory_of(id));
        system::write_file_atomically(store.directory_of(id) / "journal.jsonl", text);
    }
    EXPECT_EQ(store.ids(), std::vector<std::string>{"20261123T031502Z-0001"});
    EXPECT_EQ(store.resolve("last"), "20261123T031502Z-0001");
    EXPECT_EQ(store.read("last").header.target, "box");
    EXPECT_FALSE(store.read_of_target("20261123T031502Z-0002", "box"));
}

TEST_F(RunStoreTest, WhoMayNotLookIsToldSo) {
    static_cast<void>(store.create(header(store.reserve().id())));
    engine::Holds holds(store.holds_directory(), clock);
    holds.set({"box", "ops", "migration", clock.wall() + std::chrono::hours(1)});
    ::chmod(scratch.path().c_str(), 0755);
    ::chmod((scratch.path() / "state").c_str(), 0);
    std::optional<system::ActAs> somebody;
    if (system::running_as_root()) {
        somebody.emplace(system::find_user("nobody").value()); // root may look everywhere
    }
    const auto refused = [](auto work) {
        try {
            work();
        } catch (const Error& error) {
            return error.code() == ErrorCode::refused &&
                   error.hint().find("sudo") != std::string::npos;
        }
        return false;
    };
    EXPECT_TRUE(refused([&] { static_cast<void>(store.ids()); }));
    EXPECT_TRUE(refused([&] { static_cast<void>(store.reserve()); }));
    EXPECT_TRUE(refused([&] { static_cast<void>(holds.find("box")); }));
    EXPECT_TRUE(refused([&] { static_cast<void>(holds.list()); }));
    somebody.reset();
    ::chmod((scratch.path() / "state").c_str(), 0700);
}

} // namespace
} // namespace drctl::test
