// SPDX-License-Identifier: Apache-2.0
#include "config/init.hpp"

#include "config/decode.hpp"
#include "config/host_survey.hpp"
#include "drctl/error.hpp"
#include "support/fake_process_runner.hpp"
#include "system/files.hpp"
#include "system/users.hpp"

#include <chrono>
#include <fstream>
#include <gmock/gmock.h>
#include <sys/stat.h>

namespace drctl::config {
namespace {

using test::FakeProcessRunner;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Init : public testing::Test {
  protected:
    void file(const std::string& name, const std::string& content = "x", int age_in_days = 0) {
        const auto path = root_ / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << content;
        std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() -
                                                   std::chrono::hours(24) * age_in_days);
    }
    /// A Debian host with one running cluster, an application and dumps.
    void debian() {
        file("etc/postgresql/15/main/postgresql.conf");
        file("usr/lib/postgresql/15/bin/psql");
        file("lib/systemd/system/postgresql@.service");
        file("etc/systemd/system/shop.service",
             "[Unit]\nAfter=network.target postgresql.service\n");
        file("etc/systemd/system/other.service", "[Unit]\n# After=postgresql\n");
        file("etc/systemd/system/worker@.service", "[Unit]\nRequires=postgresql.service\n");
        file("backups/postgres/shop_20261122T020000Z.sql.gz", "x", 1);
        file("backups/postgres/shop_20261121T020000Z.sql.gz", "x", 2);
        file("backups/postgres/globals_20261122T020000Z.sql", "x", 1);
        file("backups/postgres/README");
        programs_.on(
            {"pg_lsclusters", "--no-header"},
            FakeProcessRunner::exited(0, "15  main    5432 online " + owner_ +
                                             " /var/lib/postgresql/15/main "
                                             "/var/log/postgresql/postgresql-15-main.log\n"));
        programs_.on({"/usr/lib/postgresql/15/bin/psql"}, FakeProcessRunner::exited(0, "shop\n"));
    }
    Decoded draft() {
        text_ = draft_configuration(root_, programs_, {});
        return decode(Document::parse(text_, "draft"));
    }

    system::TemporaryDirectory directory_;
    std::filesystem::path root_ = directory_.path();
    FakeProcessRunner programs_;
    std::string owner_ = system::current_user().name; // an account that exists wherever this runs
    std::string text_;
};

TEST_F(Init, WritesAnExampleWhereNothingIsFound) {
    const auto config = draft().config;
    EXPECT_THAT(config.databases, IsEmpty());
    EXPECT_THAT(text_, HasSubstr("\n#[database.shop]\n"));
    EXPECT_THAT(text_, HasSubstr("\n[state]\n"));
}

TEST_F(Init, DescribesTheDatabaseOfADebianHost) {
    debian();
    const auto config = draft().config;
    ASSERT_EQ(config.databases.size(), 1U);
    const auto& database = config.databases.at("shop");
    EXPECT_EQ(database.connection, "host=/var/run/postgresql port=5432 user=" + owner_);
    EXPECT_EQ(database.dbname, "shop");
    EXPECT_EQ(database.data_dir, fs::path("/var/lib/postgresql/15/main"));
    EXPECT_EQ(database.config_file, fs::path("/etc/postgresql/15/main/postgresql.conf"));
    EXPECT_EQ(database.bin_dir, fs::path("/usr/lib/postgresql/15/bin"));
    EXPECT_EQ(database.os_user, owner_);
    EXPECT_EQ(database.server, "postgres");
    EXPECT_THAT(database.stop, ElementsAre("shop"));
    ASSERT_TRUE(database.backups);
    EXPECT_EQ(database.backups->dir, "/backups/postgres");
    EXPECT_EQ(database.backups->pattern, "shop_*.sql.gz");
    EXPECT_EQ(database.backups->globals, "globals_*.sql");
    EXPECT_EQ(config.services.at("postgres").unit, "postgresql@15-main.service");
    EXPECT_EQ(config.services.at("shop").unit, "shop.service");
    EXPECT_EQ(config.services.size(), 2U);
    EXPECT_THAT(text_, HasSubstr("# Found 2 files there, the newest of "));
}

TEST_F(Init, LeavesAClusterThatIsDownToAPerson) {
    debian();
    programs_.on({"pg_lsclusters"}, FakeProcessRunner::exited(0, "15 main 5433 down " + owner_ +
                                                                     " /data/15/main /log\n"));
    EXPECT_THAT(draft().config.databases, IsEmpty());
    EXPECT_THAT(text_, HasSubstr("# The cluster 15/main is down, so its databases are not known."));
    EXPECT_THAT(text_, HasSubstr("\n#[database.NAME]\n"));
    EXPECT_THAT(text_, HasSubstr("\n#data_dir = \"/data/15/main\"\n"));
    EXPECT_THAT(text_, HasSubstr("\n#connection = \"host=/var/run/postgresql port=5433 user=" +
                                 owner_ + "\"\n"));
}

TEST_F(Init, KeepsSeveralClustersAndDatabasesApart) {
    debian();
    programs_.on({"pg_lsclusters"},
                 FakeProcessRunner::exited(0, "15 main 5432 online " + owner_ +
                                                  " /data/a /log/a\n"
                                                  "15 test 5433 online " +
                                                  owner_ + " /data/b c /log/b\n"));
    programs_.on({"/usr/lib/postgresql/15/bin/psql"},
                 FakeProcessRunner::exited(0, "Größe 1\nshop\n"));
    const auto config = draft().config;
    std::vector<std::string> names;
    for (const auto& [name, database] : config.databases) {
        names.push_back(name + "=" + database.dbname);
    }
    EXPECT_THAT(names, ElementsAre("Gr____e_1=Größe 1", "Gr____e_1-15-test=Größe 1", "shop=shop",
                                   "shop-15-test=shop"));
    EXPECT_EQ(config.databases.at("shop-15-test").data_dir, fs::path("/data/b c"));
    EXPECT_EQ(config.databases.at("shop-15-test").server, "postgres-15-test");
    // Which of them the application writes to is not known, nor whose dumps others are.
    EXPECT_THAT(config.databases.at("shop").stop, IsEmpty());
    EXPECT_THAT(text_, HasSubstr("#stop = [\"shop\"]\n"));
    EXPECT_FALSE(config.databases.at("Gr____e_1").backups);
    EXPECT_TRUE(config.databases.at("shop").backups);
}

TEST_F(Init, TakesTheNewestDumpsOfTheOnlyDatabaseAndAsksForACheck) {
    debian();
    std::filesystem::remove_all(root_ / "backups");
    file("var/backups/pg/nightly/full_backup_2026-11-22_02-00.dump", "x", 1);
    file("var/backups/old/full_2019.sql", "x", 2000);
    const auto config = draft().config;
    EXPECT_EQ(config.databases.at("shop").backups->dir, "/var/backups/pg/nightly");
    EXPECT_EQ(config.databases.at("shop").backups->pattern, "full_backup_*.dump");
    EXPECT_THAT(text_,
                HasSubstr("# Check that they are of this database: their names do not say."));
}

TEST_F(Init, StopsWhenAsked) {
    system::StopSource stop;
    stop.request(2);
    EXPECT_THROW(static_cast<void>(draft_configuration(root_, programs_, stop.token())), Error);
}

TEST(PatternOf, ReplacesTimesAndKeepsNumbers) {
    EXPECT_EQ(pattern_of("full_backup_20261122_020000.sql.gz"), "full_backup_*.sql.gz");
    EXPECT_EQ(pattern_of("shop2-2026-11-22T02:00:00Z.dump"), "shop2-*.dump");
    EXPECT_EQ(pattern_of("pg15_20261122.dump"), "pg15_*.dump");
    EXPECT_EQ(pattern_of("backup20261122.dump"), "backup*.dump");
    EXPECT_EQ(pattern_of("shop_v15.sql"), "shop_v15.sql");
    EXPECT_EQ(pattern_of("20261122.sql"), "*.sql");
    EXPECT_EQ(pattern_of("dump-261122.1.sql.gz"), "dump-*.sql.gz");
    EXPECT_EQ(pattern_of("shop.sql"), "shop.sql");
}

class WriteConfiguration : public testing::Test {
  protected:
    system::TemporaryDirectory directory_;
    std::filesystem::path target_ = directory_.path() / "etc/drctl/drctl.toml";
};

TEST_F(WriteConfiguration, MakesTheDirectoryAndKeepsOthersOut) {
    write_configuration(target_, "# text\n");
    EXPECT_EQ(system::read_file(target_), "# text\n");
    struct stat status {};
    ASSERT_EQ(::stat(target_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0640U);
}

TEST_F(WriteConfiguration, NeverOverwrites) {
    write_configuration(target_, "# first\n");
    try {
        write_configuration(target_, "# second\n");
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::refused);
        EXPECT_EQ(error.message(), "cannot write '" + target_.string() + "': there is such a file");
        EXPECT_EQ(error.hint(), "keep it, or move it away first: sudo mv " + target_.string() +
                                    " " + target_.string() + ".old");
    }
    EXPECT_EQ(system::read_file(target_), "# first\n");
}

TEST_F(WriteConfiguration, TakesADanglingLinkForAFile) {
    std::filesystem::create_directories(target_.parent_path());
    std::filesystem::create_symlink("/nowhere/x", target_);
    EXPECT_THROW(write_configuration(target_, "# text\n"), Error);
}

} // namespace
} // namespace drctl::config
