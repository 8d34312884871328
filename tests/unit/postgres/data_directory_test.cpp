// SPDX-License-Identifier: Apache-2.0
#include "postgres/data_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace drctl::postgres {
namespace {

using State = DataDirectory::State;

class DataDirectoryTest : public testing::Test {
  protected:
    DataDirectoryTest() {
        files_.fstab = root() / "fstab";
        files_.mounts = root() / "mounts";
        files_.proc = root() / "proc";
        fs::create_directories(data());
    }
    [[nodiscard]] fs::path root() const { return directory_.path(); }
    [[nodiscard]] fs::path data() const { return root() / "data"; }
    static void write(const fs::path& path, const std::string& content) {
        fs::create_directories(path.parent_path());
        std::ofstream(path) << content;
    }
    [[nodiscard]] DataDirectory look() const { return inspect_data_directory(data(), files_); }

    system::TemporaryDirectory directory_;
    SystemFiles files_;
};

TEST_F(DataDirectoryTest, SaysWhatLiesThere) {
    EXPECT_EQ(look().state, State::empty);
    fs::create_directory(data() / "lost+found");
    EXPECT_EQ(look().state, State::empty);
    write(data() / "readme", "not yours");
    EXPECT_EQ(look().state, State::foreign);
    write(data() / "PG_VERSION", "15\n");
    EXPECT_EQ(look().state, State::present);
    EXPECT_EQ(look().major, "15");
    EXPECT_EQ(inspect_data_directory(root() / "none", files_).state, State::missing);
    EXPECT_EQ(inspect_data_directory(data() / "readme", files_).state, State::foreign);
}

TEST_F(DataDirectoryTest, KnowsTheModesAServerAccepts) {
    write(data() / "PG_VERSION", "15\n");
    for (const auto& [mode, fits] :
         {std::pair{0700, true}, {0750, true}, {0755, false}, {0770, false}}) {
        fs::permissions(data(), static_cast<fs::perms>(mode));
        EXPECT_EQ(look().permissions_fit(), fits) << std::oct << mode;
    }
}

TEST_F(DataDirectoryTest, SeesSignalsOfStandbyRecoveryAndBackup) {
    write(data() / "PG_VERSION", "15\n");
    EXPECT_FALSE(look().standby_signal || look().recovery_signal || look().backup_label);
    write(data() / "standby.signal", "");
    write(data() / "recovery.signal", "");
    write(data() / "backup_label", "");
    EXPECT_TRUE(look().standby_signal && look().recovery_signal && look().backup_label);
}

TEST_F(DataDirectoryTest, BelievesAPostmasterOnlyIfItsProcessWorksHere) {
    write(data() / "PG_VERSION", "15\n");
    EXPECT_FALSE(look().postmaster.has_value());
    write(data() / "postmaster.pid",
          "4711\n" + data().string() + "\n1700000000\n5433\n/run/pg\n\n  1 2\nready   \n");
    auto seen = look().postmaster;
    ASSERT_TRUE(seen.has_value());
    EXPECT_EQ(seen->pid, 4711);
    EXPECT_EQ(seen->port, "5433");
    EXPECT_EQ(seen->socket_directory, "/run/pg");
    EXPECT_EQ(seen->status, "ready");
    EXPECT_FALSE(seen->running) << "there is no such process";

    const auto process = files_.proc / "4711";
    write(process / "comm", "sshd\n");
    fs::create_directory_symlink(data(), process / "cwd");
    EXPECT_FALSE(look().postmaster->running) << "the process id was given to another program";
    write(process / "comm", "postgres\n");
    EXPECT_TRUE(look().postmaster->running);
    fs::remove(process / "cwd");
    fs::create_directory_symlink(root(), process / "cwd");
    EXPECT_FALSE(look().postmaster->running) << "it is the server of another data directory";
}

TEST_F(DataDirectoryTest, NamesTheVolumeThatIsNotMounted) {
    write(files_.fstab, "UUID=1 / ext4 defaults 0 1\nUUID=2 " + root().string() +
                            " ext4 defaults 0 2\nUUID=3 none swap sw 0 0\n");
    write(files_.mounts, "/dev/vda / ext4 rw 0 0\n");
    EXPECT_EQ(look().unmounted, root());
    write(files_.mounts, "/dev/vda / ext4 rw 0 0\n/dev/vdb " + root().string() + " ext4 rw 0 0\n");
    EXPECT_EQ(look().unmounted, std::nullopt);
    EXPECT_EQ(unmounted_volume_of("/elsewhere", files_), std::nullopt);
}

TEST_F(DataDirectoryTest, ListsLinksThatLeadNowhere) {
    write(data() / "PG_VERSION", "15\n");
    fs::create_directories(data() / "pg_tblspc");
    fs::create_directory_symlink(root(), data() / "pg_tblspc" / "1");
    EXPECT_TRUE(look().dangling.empty());
    fs::create_directory_symlink(root() / "gone", data() / "pg_tblspc" / "2");
    fs::create_directory_symlink(root() / "gone", data() / "pg_wal");
    EXPECT_EQ(look().dangling.size(), 2U);
}

} // namespace
} // namespace drctl::postgres
