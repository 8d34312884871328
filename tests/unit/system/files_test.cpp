// SPDX-License-Identifier: Apache-2.0
#include "system/files.hpp"

#include "drctl/error.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace drctl::system {
namespace {

class Files : public testing::Test {
  protected:
    [[nodiscard]] fs::path at(const char* name) const { return directory_.path() / name; }

    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(directory_.path()), fs::directory_iterator()));
    }

    static mode_t mode_of(const fs::path& path) {
        struct stat status {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0);
        return status.st_mode & 07777;
    }

    TemporaryDirectory directory_;
};

/// What `action` throws; fails the test if it does not.
template <typename Action>
Error error_of(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return Error(ErrorCode::bug, "nothing was thrown");
}

using AtomicFiles = Files;

TEST_F(AtomicFiles, KeepOldContentWhenNotCommitted) {
    write_file_atomically(at("file"), "old");
    {
        AtomicFile file(at("file"));
        file.write("new");
    }
    EXPECT_EQ(read_file(at("file")), "old");
    EXPECT_EQ(entries(), 1U);
}

TEST_F(AtomicFiles, ReplaceTheWholeContentOnCommit) {
    write_file_atomically(at("file"), "a longer old content", 0600);
    AtomicFile file(at("file"), 0644);
    file.write("ne");
    file.write("w");
    EXPECT_EQ(read_file(at("file")), "a longer old content");
    file.commit();
    EXPECT_EQ(read_file(at("file")), "new");
    EXPECT_EQ(mode_of(at("file")), 0644U);
    EXPECT_EQ(entries(), 1U);
}

TEST_F(AtomicFiles, HaveTheirModeWhateverTheUmask) {
    const auto before = ::umask(0777);
    write_file_atomically(at("file"), "", 0640);
    make_directories(at("a") / "b", 0750);
    ::umask(before);
    EXPECT_EQ(mode_of(at("file")), 0640U);
    EXPECT_EQ(mode_of(at("a")), 0750U);
    EXPECT_EQ(mode_of(at("a") / "b"), 0750U);
}

TEST_F(AtomicFiles, ReplaceASymlinkRatherThanItsTarget) {
    write_file_atomically(at("target"), "kept");
    fs::create_symlink(at("target"), at("link"));
    write_file_atomically(at("link"), "new");
    EXPECT_EQ(read_file(at("target")), "kept");
    EXPECT_FALSE(fs::is_symlink(at("link")));
}

TEST_F(AtomicFiles, NameThePathAndTheCauseOnFailure) {
    const auto error = error_of([this] { write_file_atomically(at("none") / "file", "x"); });
    EXPECT_EQ(error.code(), ErrorCode::failed);
    EXPECT_NE(error.message().find("none/file': No such file or directory"), std::string::npos);
    EXPECT_EQ(error.context_value("errno"), "ENOENT");
}

using AppendFiles = Files;

TEST_F(AppendFiles, AppendToWhatIsThere) {
    {
        AppendFile file(at("journal"), 0600);
        file.append("one\n");
    }
    AppendFile file(at("journal"));
    file.append("two\n");
    EXPECT_EQ(read_file(at("journal")), "one\ntwo\n");
    EXPECT_EQ(mode_of(at("journal")), 0600U);
}

TEST_F(AppendFiles, CutBackARecordThatDoesNotFit) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root may mount a small file system";
    }
    fs::create_directory(at("small"));
    if (::mount("tmpfs", at("small").c_str(), "tmpfs", 0, "size=64k") != 0) {
        GTEST_SKIP() << "this machine does not let us mount";
    }
    {
        AppendFile file(at("small") / "journal");
        file.append("first\n");
        const auto error = error_of([&file] { file.append(std::string(200'000, 'x')); });
        EXPECT_EQ(error.context_value("errno"), "ENOSPC");
        EXPECT_NE(error.hint().find("df -h"), std::string::npos);
        file.append("second\n");
        EXPECT_EQ(read_file(at("small") / "journal"), "first\nsecond\n");
    }
    EXPECT_EQ(::umount(at("small").c_str()), 0);
}

using ReadFile = Files;

TEST_F(ReadFile, RefusesMoreThanItsLimit) {
    write_file_atomically(at("file"), std::string(100'000, 'x'));
    EXPECT_EQ(read_file(at("file"), 100'000).size(), 100'000U);
    EXPECT_EQ(error_of([this] { static_cast<void>(read_file(at("file"), 99'999)); }).code(),
              ErrorCode::failed);
}

TEST_F(ReadFile, ReadsFilesThatClaimToBeEmpty) {
    EXPECT_FALSE(read_file("/proc/self/status").empty());
}

TEST_F(ReadFile, NamesWhatIsNotThere) {
    const auto error = error_of([this] { static_cast<void>(read_file(at("none"))); });
    EXPECT_EQ(error.context_value("errno"), "ENOENT");
}

using MakeDirectories = Files;

TEST_F(MakeDirectories, AreIdempotentAndTakeTrailingSlashes) {
    make_directories(at("a") / "b" / "c" / "");
    make_directories(at("a") / "b" / "c");
    EXPECT_TRUE(fs::is_directory(at("a") / "b" / "c"));
}

TEST_F(MakeDirectories, FailWhereAFileIsInTheWay) {
    write_file_atomically(at("file"), "");
    EXPECT_EQ(error_of([this] { make_directories(at("file")); }).context_value("errno"), "EEXIST");
    EXPECT_EQ(error_of([this] { make_directories(at("file") / "x"); }).code(), ErrorCode::failed);
}

TEST_F(MakeDirectories, InheritTheGroupBit) {
    fs::create_directory(at("group"));
    ASSERT_EQ(::chmod(at("group").c_str(), 02750), 0);
    make_directories(at("group") / "child", 0750);
    EXPECT_EQ(mode_of(at("group") / "child"), 02750U);
}

using Renames = Files;

TEST_F(Renames, ExchangeSwapsIdentities) {
    fs::create_directory(at("one"));
    fs::create_directory(at("other"));
    const auto one = identity_of(at("one"));
    const auto other = identity_of(at("other"));
    ASSERT_TRUE(one && other && one != other);
    exchange(at("one"), at("other"));
    EXPECT_EQ(identity_of(at("one")), other);
    EXPECT_EQ(identity_of(at("other")), one);
}

TEST_F(Renames, ExchangeNeedsBoth) {
    fs::create_directory(at("one"));
    const auto error = error_of([this] { exchange(at("one"), at("none")); });
    EXPECT_EQ(error.context_value("errno"), "ENOENT");
    EXPECT_TRUE(fs::exists(at("one")));
}

TEST_F(Renames, NeverReplace) {
    write_file_atomically(at("from"), "from");
    write_file_atomically(at("to"), "to");
    const auto error = error_of([this] { rename_durably(at("from"), at("to")); });
    EXPECT_EQ(error.context_value("errno"), "EEXIST");
    EXPECT_EQ(read_file(at("to")), "to");
    rename_durably(at("from"), at("elsewhere"));
    EXPECT_EQ(read_file(at("elsewhere")), "from");
}

using Removals = Files;

TEST_F(Removals, AreIdempotent) {
    write_file_atomically(at("file"), "");
    remove_file(at("file"));
    remove_file(at("file"));
    EXPECT_EQ(entries(), 0U);
    EXPECT_EQ(error_of([this] { remove_file(directory_.path()); }).code(), ErrorCode::failed);
}

TEST_F(Removals, LeaveDirectoriesThatAreNotEmpty) {
    make_directories(at("a") / "b");
    remove_directory_if_empty(at("a"));
    EXPECT_TRUE(fs::exists(at("a") / "b"));
    remove_directory_if_empty(at("a") / "b");
    remove_directory_if_empty(at("a"));
    remove_directory_if_empty(at("a"));
    EXPECT_EQ(entries(), 0U);
}

TEST(FileIdentity, SurvivesItsText) {
    const FileIdentity identity{64769, 18446744073709551615ULL};
    EXPECT_EQ(FileIdentity::parse(identity.text()), identity);
    for (const auto* text : {"", ":", "1", "1:", ":1", "1:2x", "x1:2", "1:2:3", "-1:2"}) {
        EXPECT_FALSE(FileIdentity::parse(text)) << text;
    }
}

TEST(FileIdentity, OfNothingIsNone) {
    EXPECT_FALSE(identity_of("/none/such"));
    EXPECT_FALSE(identity_of("/dev/null/x"));
}

TEST(SpaceAt, IsThatOfTheFileSystem) {
    const auto space = space_at("/");
    EXPECT_GT(space.total_bytes, 0U);
    EXPECT_LE(space.available_bytes, space.total_bytes);
    EXPECT_EQ(error_of([] { static_cast<void>(space_at("/none")); }).code(), ErrorCode::failed);
}

TEST(TemporaryDirectory, GoesWithEverythingInIt) {
    fs::path path;
    {
        const TemporaryDirectory directory("drctl-test");
        path = directory.path();
        EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_all);
        make_directories(path / "a" / "b");
    }
    EXPECT_FALSE(fs::exists(path));
}

} // namespace
} // namespace drctl::system
