// SPDX-License-Identifier: Apache-2.0
#include "backup/candidate.hpp"

#include "drctl/error.hpp"
#include "support/fake_clock.hpp"
#include "system/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::backup {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CandidateTest : public testing::Test {
  protected:
    void write(const std::string& name, const std::string& content = "x") {
        system::write_file_atomically(directory.path() / name, content);
    }
    std::vector<Candidate> list(const std::string& timezone = "UTC") {
        config::DatabaseBackups where;
        where.dir = directory.path();
        where.pattern = "full_*";
        where.timezone = timezone;
        return list_candidates(where, {processes, clock, {}});
    }
    std::vector<std::string> names(const std::vector<Candidate>& candidates) {
        std::vector<std::string> found;
        for (const auto& candidate : candidates) {
            found.push_back(candidate.path.filename().string());
        }
        return found;
    }
    system::TemporaryDirectory directory;
    system::SystemProcessRunner processes;
    test::FakeClock clock;
};

TEST_F(CandidateTest, SortsByTheTimeInTheNameNotByModification) {
    write("full_20261122.sql");
    write("full_20261120.sql");
    write("full_20261121.sql");
    write("other_20261123.sql");
    write("full_20261122.sql.sha256");
    EXPECT_THAT(names(list()),
                ElementsAre("full_20261122.sql", "full_20261121.sql", "full_20261120.sql"));
    EXPECT_EQ(list().front().taken_from, TimeSource::name);
}

TEST_F(CandidateTest, SaysWhatCannotBeABackup) {
    write("full_20261101.sql", "");
    std::filesystem::create_directory(directory.path() / "full_20261102");
    std::filesystem::create_symlink("/no/where", directory.path() / "full_20261103.sql");
    write("full_20261201.sql");
    const auto found = list();
    ASSERT_EQ(found.size(), 4U);
    EXPECT_THAT(found[0].unusable, HasSubstr("in the future"));
    EXPECT_THAT(found[1].unusable, HasSubstr("leads nowhere"));
    EXPECT_THAT(found[2].unusable, HasSubstr("directory"));
    EXPECT_THAT(found[3].unusable, HasSubstr("empty"));
}

TEST_F(CandidateTest, ADateAloneIsMadePreciseByTheFilesOwnTime) {
    write("full_20261120.sql");
    const system::WallTime noon =
        std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(12);
    std::filesystem::last_write_time(directory.path() / "full_20261120.sql",
                                     std::chrono::file_clock::from_sys(noon));
    EXPECT_EQ(list().front().taken, noon);
    write("full_20261119.sql"); // modified on another day: copied since
    EXPECT_EQ(list().back().taken,
              system::WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 19)));
}

TEST_F(CandidateTest, ADateAloneIsSureOnlyAtTheEndOfItsDay) {
    using namespace std::chrono;
    const system::WallTime day = sys_days(year(2026) / 11 / 20);
    write("full_20261120.sql");
    std::filesystem::last_write_time(directory.path() / "full_20261120.sql",
                                     file_clock::from_sys(day + hours(72)));
    EXPECT_EQ(list().front().taken_before(), day + hours(24)) << "copied since";
    std::filesystem::last_write_time(directory.path() / "full_20261120.sql",
                                     file_clock::from_sys(day + hours(22)));
    EXPECT_EQ(list().front().taken_before(), day + hours(22) + seconds(1));
    write("full_20261121_0315.sql");
    EXPECT_EQ(list().front().taken_before(), day + hours(27) + minutes(15) + seconds(1));
}

TEST_F(CandidateTest, ATimeThatDoesNotExistMakesOnlyItsOwnFileUnusable) {
    write("full_20111230_1200.sql");
    write("full_20111229_1200.sql");
    const auto found = list("Pacific/Apia");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_THAT(found[0].unusable, HasSubstr("does not exist in Pacific/Apia"));
    EXPECT_EQ(found[1].unusable, "");
    EXPECT_EQ(found[1].taken_from, TimeSource::name);
}

TEST_F(CandidateTest, ATimeOfModificationInTheFutureSaysNothingYet) {
    write("full_b.sql");
    std::filesystem::last_write_time(
        directory.path() / "full_b.sql",
        std::chrono::file_clock::from_sys(clock.wall() + std::chrono::hours(48)));
    EXPECT_EQ(list().front().unusable, "") << "the dump itself may say when it was taken";
}

TEST_F(CandidateTest, TakesADirectoryDumpForOne) {
    std::filesystem::create_directory(directory.path() / "full_20261102");
    write("full_20261102/toc.dat", "PGDMP");
    write("full_20261102/1.dat.gz", "12345");
    ASSERT_EQ(list().size(), 1U);
    EXPECT_EQ(list().front().unusable, "");
    EXPECT_TRUE(list().front().directory);
    EXPECT_EQ(list().front().bytes, 10U);
}

TEST_F(CandidateTest, ADirectoryThatIsNotThereIsRefused) {
    config::DatabaseBackups where;
    where.dir = directory.path() / "nowhere";
    EXPECT_THROW(static_cast<void>(list_candidates(where, {processes, clock, {}})), Error);
    EXPECT_THROW(static_cast<void>(
                     candidate_at(directory.path() / "none.sql", "UTC", {processes, clock, {}})),
                 Error);
}

} // namespace
} // namespace drctl::backup
