// SPDX-License-Identifier: Apache-2.0
#include "config/check.hpp"

#include "drctl/error.hpp"
#include "support/fake_process_runner.hpp"
#include "system/files.hpp"
#include "system/users.hpp"

#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <sys/stat.h>

namespace drctl::config {
namespace {

using test::FakeProcessRunner;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A host with everything in its place; each test takes something away.
class CheckHost : public testing::Test {
  protected:
    CheckHost() {
        for (const auto* name : {"data", "bin", "backups"}) {
            std::filesystem::create_directory(root_ / name);
        }
        for (const auto* name : {"data/PG_VERSION", "bin/pg_restore", "postgresql.conf",
                                 "backups/shop_1.sql.gz", "backups/globals_1.sql"}) {
            std::ofstream(root_ / name) << "x\n";
        }
        std::ofstream(root_ / "pw") << "hunter2\n";
        ::chmod((root_ / "pw").c_str(), 0600);
        programs_.on({"systemctl", "show"}, FakeProcessRunner::exited(0, "loaded\n"));
    }

    [[nodiscard]] std::string text() const {
        return fmt::format(R"([state]
dir = "{root}/state"
[service.pg]
unit = "pg.service"
[service.web]
manager = "command"
start = ["true"]
stop = ["true"]
status = ["true"]
os_user = "{user}"
[health.ping]
command = ["true"]
[database.shop]
connection = "host=/tmp"
password = {{ file = "{root}/pw" }}
os_user = "{user}"
server = "pg"
data_dir = "{root}/data"
config_file = "{root}/postgresql.conf"
bin_dir = "{root}/bin"
before_swap = [["true"]]
[database.shop.backups]
dir = "{root}/backups"
pattern = "shop_*.sql.gz"
globals = "globals_*"
[[database.shop.verify]]
name = "n"
sql = "SELECT 1"
)",
                           fmt::arg("root", root_.string()),
                           fmt::arg("user", system::current_user().name));
    }

    /// `severity section:line message`, one a problem.
    std::vector<std::string> found(const std::vector<std::string>& overrides = {}) {
        const auto path = root_ / "drctl.toml";
        std::ofstream(path) << text();
        ::chmod(path.c_str(), 0640);
        return found_in(load({path, {}}, overrides));
    }
    std::vector<std::string> found_in(const LoadedConfig& loaded) {
        EXPECT_THAT(loaded.problems, IsEmpty());
        std::vector<std::string> lines;
        for (const auto& problem : check_host(loaded, programs_, redactor_, {})) {
            EXPECT_EQ(problem.text().find("hunter2"), std::string::npos);
            lines.push_back(fmt::format("{} {}:{} {}",
                                        problem.severity == Severity::error ? "error" : "warning",
                                        problem.section, problem.origin.line, problem.message));
        }
        return lines;
    }
    [[nodiscard]] std::string at(std::string_view name) const { return (root_ / name).string(); }

    system::TemporaryDirectory directory_;
    std::filesystem::path root_ = directory_.path();
    FakeProcessRunner programs_;
    system::Redactor redactor_;
};

TEST_F(CheckHost, FindsNothingWhereEverythingIsInItsPlace) {
    EXPECT_THAT(found(), IsEmpty());
    EXPECT_THAT(programs_.command_lines(),
                ElementsAre("systemctl show --property=LoadState --value -- pg.service"));
}

TEST_F(CheckHost, FindsMissingFilesAndDirectories) {
    for (const auto* name : {"data", "bin", "backups", "postgresql.conf", "pw"}) {
        std::filesystem::remove_all(root_ / name);
    }
    EXPECT_THAT(
        found(),
        ElementsAre("error database.shop:15 cannot read the secret from file '" + at("pw") +
                        "': No such file or directory",
                    "warning database.shop:18 there is no directory '" + at("data") + "'",
                    "error database.shop:19 there is no file '" + at("postgresql.conf") + "'",
                    "error database.shop:20 there is no directory '" + at("bin") + "'",
                    "error database.shop.backups:23 there is no directory '" + at("backups") +
                        "'"));
}

TEST_F(CheckHost, FindsDirectoriesWithoutWhatBelongsThere) {
    std::filesystem::remove(root_ / "data/PG_VERSION");
    std::filesystem::remove(root_ / "bin/pg_restore");
    std::filesystem::remove(root_ / "backups/shop_1.sql.gz");
    EXPECT_THAT(found(), ElementsAre("warning database.shop:18 '" + at("data") +
                                         "' has no PG_VERSION: it is no data directory",
                                     "error database.shop:20 '" + at("bin") + "' has no pg_restore",
                                     "warning database.shop.backups:24 nothing in '" +
                                         at("backups") + "' is called \"shop_*.sql.gz\""));
}

TEST_F(CheckHost, FindsFilesWhereDirectoriesShouldBe) {
    std::filesystem::remove_all(root_ / "backups");
    std::ofstream(root_ / "backups") << "x";
    std::ofstream(root_ / "state") << "x";
    EXPECT_THAT(found(), ElementsAre("error state:2 '" + at("state") + "' is not a directory",
                                     "error database.shop.backups:23 '" + at("backups") +
                                         "' is not a directory"));
}

TEST_F(CheckHost, FindsAnExposedSecret) {
    ::chmod((root_ / "pw").c_str(), 0644);
    EXPECT_THAT(found(), ElementsAre("error database.shop:15 cannot read the secret from file '" +
                                     at("pw") + "': everyone can read it (mode 0644)"));
}

TEST_F(CheckHost, FindsUnknownAccountsAndPrograms) {
    EXPECT_THAT(
        found({"service.web.os_user=no-such-user", "service.web.start=['/nowhere/start']",
               "health.ping.command=['/nowhere/ping']", "database.shop.os_user=no-such-user",
               "database.shop.before_swap=[['true'], ['/nowhere/pause']]"}),
        ElementsAre("error service.web:0 there is no program '/nowhere/start'",
                    "error service.web:0 this host has no account 'no-such-user'",
                    "error health.ping:0 there is no program '/nowhere/ping'",
                    "error database.shop:0 this host has no account 'no-such-user'",
                    "error database.shop:0 there is no program '/nowhere/pause'"));
}

TEST_F(CheckHost, FindsAnUnknownTimeZone) {
    EXPECT_THAT(found({"database.shop.backups.timezone=Europe/Nowhere"}),
                ElementsAre("error database.shop.backups:0 this host knows no time zone "
                            "'Europe/Nowhere'"));
}

TEST_F(CheckHost, FindsUnitsThatSystemdCannotStart) {
    programs_.on({"systemctl", "show"}, FakeProcessRunner::exited(0, "not-found\n"));
    EXPECT_THAT(found(), ElementsAre("error service.pg:4 systemd knows no unit 'pg.service'"));
    programs_.on({"systemctl", "show"}, FakeProcessRunner::exited(0, "masked\n"));
    EXPECT_THAT(found(), ElementsAre("warning service.pg:4 the unit 'pg.service' is masked"));
    programs_.on({"systemctl", "show"}, FakeProcessRunner::exited(0, "bad-setting\n"));
    EXPECT_THAT(found(), ElementsAre("warning service.pg:4 the unit 'pg.service' is in state "
                                     "bad-setting"));
}

TEST_F(CheckHost, SaysOnceThatSystemdDoesNotAnswer) {
    programs_.on({"systemctl"}, FakeProcessRunner::exited(1, "", "not booted with systemd\n"));
    programs_.forget_calls();
    EXPECT_THAT(found({"service.other.unit='other.service'"}),
                ElementsAre("warning service.other:0 cannot ask systemd for its units: systemctl "
                            "exited with status 1"));
    EXPECT_EQ(programs_.calls().size(), 1U);
}

TEST_F(CheckHost, FindsAConfigurationThatEveryoneCanWrite) {
    const auto path = root_ / "drctl.toml";
    std::ofstream(path) << text();
    ::chmod(path.c_str(), 0646);
    EXPECT_THAT(found_in(load({path, {}})),
                ElementsAre("error :0 everyone can write this file, and its commands run as root"));
}

TEST_F(CheckHost, TellsWhatARecoveryWouldMiss) {
    const auto path = root_ / "drctl.toml";
    std::ofstream(path) << fmt::format(
        "[database.shop]\nconnection = 'host=/tmp'\nos_user = '{}'\n", system::current_user().name);
    ::chmod(path.c_str(), 0640);
    EXPECT_THAT(
        found_in(load({path, {}})),
        ElementsAre(
            "warning database.shop:1 [database.shop] names no server: one that is down "
            "stays down",
            "warning database.shop:1 [database.shop] has no backups: nothing can be restored",
            "warning database.shop:1 [database.shop] has no verify: destroyed rows go "
            "unnoticed"));
}

TEST_F(CheckHost, StopsWhenAsked) {
    system::StopSource stop;
    stop.request(2);
    const auto path = root_ / "drctl.toml";
    std::ofstream(path) << text();
    EXPECT_THROW(
        static_cast<void>(check_host(load({path, {}}), programs_, redactor_, stop.token())), Error);
}

} // namespace
} // namespace drctl::config
