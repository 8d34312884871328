// SPDX-License-Identifier: Apache-2.0
#include "config/decode.hpp"

#include <algorithm>
#include <gmock/gmock.h>

namespace drctl::config {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

Decoded decoded(std::string_view text) {
    return decode(Document::parse(text, "c.toml"));
}

/// `origin: message | hint`, one a problem.
std::vector<std::string> problems(std::string_view text) {
    std::vector<std::string> lines;
    for (const auto& problem : decoded(text).problems) {
        lines.push_back(problem.text() + (problem.hint.empty() ? "" : " | " + problem.hint));
    }
    return lines;
}

constexpr auto a_database = "[database.shop]\nconnection = 'host=/tmp'";
constexpr auto a_query = "[database.shop]\nconnection = 'host=/tmp'\n"
                         "[[database.shop.verify]]\nname = 'n'\nsql = 'SELECT 1'";

constexpr std::string_view whole_database = R"(
[state]
dir = "/srv/drctl"

[service.shop]
unit = "shop.service"
[service.nginx]
unit = "nginx.service"
timeout = "15s"
[service.pg]
manager = "command"
start = ["pgctl", "start"]
stop = ["pgctl", "stop"]
status = ["pgctl", "status"]
os_user = "postgres"

[database.shop]
connection = "host=/tmp port=5433 user=postgres"
password = { file = "/etc/drctl/pw" }
data_dir = "/data/15"
config_file = "/etc/pg.conf"
bin_dir = "/usr/lib/postgresql/15/bin"
os_user = "pg"
server = "pg"
stop = ["shop", "nginx"]
stop_at = "swap"
max_data_loss = "26h"
unattended = "restore"
restore_again_after = "12h"
before_swap = [["a", "b"], ["c"]]
jobs = 3
health = ["api"]
start_deadline = "5m"
[database.shop.backups]
dir = "/backups"
pattern = "shop_*.dump"
timezone = "Europe/Berlin"
globals = "globals_*.sql"
[[database.shop.verify]]
name = "orders"
sql = "SELECT count(o) FROM orders o"
min = -1
max = 10
[[database.shop.verify]]
name = "version"
sql = "SELECT v FROM version"
equals = 7
role = "shop_app"

[health.api]
url = "http://localhost/health"
expect_status = 204
expect_body = "ok"
timeout = "3s"
passes = 4
)";

TEST(Decode, FillsInADatabase) {
    const auto [config, problems] = decoded(whole_database);
    ASSERT_THAT(problems, IsEmpty());
    const auto& database = config.databases.at("shop");
    EXPECT_EQ(database.name, "shop");
    EXPECT_EQ(database.dbname, "shop");
    EXPECT_EQ(database.connection, "host=/tmp port=5433 user=postgres");
    EXPECT_EQ(database.password->kind, SecretSource::Kind::file);
    EXPECT_EQ(database.password->name, "/etc/drctl/pw");
    EXPECT_EQ(database.data_dir, fs::path("/data/15"));
    EXPECT_EQ(database.config_file, fs::path("/etc/pg.conf"));
    EXPECT_EQ(database.bin_dir, fs::path("/usr/lib/postgresql/15/bin"));
    EXPECT_EQ(database.os_user, "pg");
    EXPECT_EQ(database.server, "pg");
    EXPECT_THAT(database.stop, ElementsAre("shop", "nginx"));
    EXPECT_EQ(database.stop_at, StopAt::swap);
    EXPECT_EQ(database.max_data_loss, LossLimit(Duration(std::chrono::hours(26))));
    EXPECT_EQ(database.unattended, Unattended::restore);
    EXPECT_EQ(database.restore_again_after, std::chrono::hours(12));
    EXPECT_THAT(database.before_swap, ElementsAre(Argv{"a", "b"}, Argv{"c"}));
    EXPECT_THAT(database.after_swap, IsEmpty());
    EXPECT_EQ(database.jobs, 3U);
    EXPECT_THAT(database.health, ElementsAre("api"));
    EXPECT_EQ(database.start_deadline, std::chrono::minutes(5));
}

TEST(Decode, FillsInThePartsOfADatabase) {
    const auto database = decoded(whole_database).config.databases.at("shop");
    ASSERT_TRUE(database.backups);
    EXPECT_EQ(database.backups->dir, "/backups");
    EXPECT_EQ(database.backups->pattern, "shop_*.dump");
    EXPECT_EQ(database.backups->timezone, "Europe/Berlin");
    EXPECT_EQ(database.backups->globals, "globals_*.sql");
    ASSERT_EQ(database.verify.size(), 2U);
    EXPECT_EQ(database.verify[0].name, "orders");
    EXPECT_EQ(database.verify[0].min, -1);
    EXPECT_EQ(database.verify[0].max, 10);
    EXPECT_EQ(database.verify[0].equals, std::nullopt);
    EXPECT_EQ(database.verify[1].equals, "7");
    EXPECT_EQ(database.verify[1].role, "shop_app");
}

TEST(Decode, FillsInServicesAndStateAndHealth) {
    const auto config = decoded(whole_database).config;
    EXPECT_EQ(config.state.dir, "/srv/drctl");
    const auto& pg = config.services.at("pg");
    EXPECT_EQ(pg.manager, Service::Manager::command);
    EXPECT_THAT(pg.start, ElementsAre("pgctl", "start"));
    EXPECT_THAT(pg.stop, ElementsAre("pgctl", "stop"));
    EXPECT_THAT(pg.status, ElementsAre("pgctl", "status"));
    EXPECT_EQ(pg.os_user, "postgres");
    EXPECT_EQ(config.services.at("nginx").unit, "nginx.service");
    EXPECT_EQ(config.services.at("nginx").timeout, milliseconds(15'000));
    const auto& api = config.healths.at("api");
    const auto& http = std::get<Health::Http>(api.probe);
    EXPECT_EQ(http.url, "http://localhost/health");
    EXPECT_EQ(http.expect_status, 204);
    EXPECT_EQ(http.expect_body, "ok");
    EXPECT_EQ(api.timeout, milliseconds(3000));
    EXPECT_EQ(api.passes, 4U);
}

TEST(Decode, KnowsEveryKindOfProbe) {
    const auto [config, problems] = decoded(R"(
[database.shop]
connection = "host=/tmp"
[health.t]
tcp = "[::1]:5432"
[health.d]
database = "shop"
[health.c]
command = ["true"]
)");
    ASSERT_THAT(problems, IsEmpty());
    EXPECT_EQ(std::get<Health::Tcp>(config.healths.at("t").probe).host_port, "[::1]:5432");
    EXPECT_EQ(std::get<Health::Database>(config.healths.at("d").probe).name, "shop");
    EXPECT_THAT(std::get<Health::Command>(config.healths.at("c").probe).argv, ElementsAre("true"));
}

TEST(Decode, KnowsEverySourceOfASecret) {
    for (const auto& [text, kind] :
         {std::pair{"{ file = '/x' }", SecretSource::Kind::file},
          std::pair{"{ env = 'X' }", SecretSource::Kind::env},
          std::pair{"{ credential = 'x' }", SecretSource::Kind::credential},
          std::pair{"{ command = ['pass', 'x'] }", SecretSource::Kind::command}}) {
        const auto [config, problems] = decoded(
            std::string("[database.shop]\nconnection = 'host=/tmp'\npassword = ") + text + "\n");
        ASSERT_THAT(problems, IsEmpty());
        EXPECT_EQ(config.databases.at("shop").password->kind, kind);
    }
}

TEST(Decode, TakesASizeAsTheLimitOfLoss) {
    const auto config =
        decoded("[database.shop]\nconnection = ''\nmax_data_loss = '16MiB'\n").config;
    EXPECT_EQ(config.databases.at("shop").max_data_loss,
              LossLimit(system::ByteSize{std::uint64_t{16} << 20}));
}

TEST(Decode, ListsTheKnownKeysAndTheNearestForAnUnknownOne) {
    EXPECT_THAT(problems("[service.a]\nunti = 'a.service'\nunit = 'a.service'\n"),
                ElementsAre("c.toml:2:1: unknown key 'unti' in [service.a] | did you mean 'unit'? "
                            "known keys: manager, os_user, start, status, stop, timeout, unit"));
    EXPECT_THAT(problems("[state]\nfrobnicate = 1\n"),
                ElementsAre("c.toml:2:1: unknown key 'frobnicate' in [state] | known keys: dir"));
}

TEST(Decode, KnowsThePartsOfADatabaseAsKeys) {
    const auto found = problems("[database.a]\nconnection = 'host=/tmp'\n[database.a.backup]\n");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(found[0].starts_with(
        "c.toml:3:13: unknown key 'backup' in [database.a] | did you mean 'backups'? known keys: "))
        << found[0];
}

TEST(Decode, ListsTheKnownSectionsForAnUnknownOne) {
    EXPECT_THAT(problems("[databases.shop]\n"),
                ElementsAre("c.toml:1:2: unknown section 'databases' | did you mean 'database'? "
                            "known sections: database, health, service, state"));
    EXPECT_THAT(problems("jobs = 4\n"),
                ElementsAre("c.toml:1:1: unknown key 'jobs' | known sections: database, health, "
                            "service, state"));
}

TEST(Decode, SaysThatASectionComesWithALaterVersion) {
    EXPECT_THAT(problems("[app.shop]\ndir = '/opt/shop'\n"),
                ElementsAre("c.toml:1:2: [app] is not supported by this version of drctl | "
                            "nothing is done with it; leave it out until you have a version that "
                            "knows it"));
}

TEST(Decode, NeverQuotesWhatMayBeASecret) {
    for (const auto* line :
         {"password = 'hunter2'", "password = { value = 'hunter2' }", "password = ['hunter2']",
          "password = { file = 'hunter2' }", "password = { env = 'A', file = '/hunter2' }",
          "connection = 'host=/tmp password=hunter2'", "connection = 'host=/tmp hunter2'",
          "connection = 'postgresql://u:hunter2@h/'", "connection = \"password='hunter2\""}) {
        const auto* rest =
            std::string_view(line).starts_with("connection") ? "" : "connection = 'host=/tmp'\n";
        const auto found = problems(std::string("[database.shop]\n") + rest + line + "\n");
        ASSERT_EQ(found.size(), 1U) << line;
        EXPECT_EQ(found[0].find("hunter2"), std::string::npos) << found[0];
    }
    const auto found = problems("[health.a]\nurl = 'https://u:hunter2@h/'\n");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].find("hunter2"), std::string::npos) << found[0];
}

TEST(Decode, TellsWhereAPasswordBelongs) {
    EXPECT_THAT(
        problems("[database.shop]\nconnection = 'host=h password=x'\n"),
        ElementsAre("c.toml:2:14: 'connection' in [database.shop] must not contain password "
                    "| put it into a file of mode 0640 and write: password = { file = "
                    "\"/etc/drctl/NAME.password\" }"));
    EXPECT_THAT(
        problems("[database.shop]\nconnection = 'host=h dbname=x'\n"),
        ElementsAre("c.toml:2:14: 'connection' in [database.shop] must not contain dbname | "
                    "write it as a key of its own: dbname = \"…\""));
}

TEST(Decode, FindsNamesThatLeadNowhere) {
    EXPECT_THAT(
        problems(std::string(a_database) + "\nserver = 'pg'\nhealth = ['api']\n"),
        ElementsAre("c.toml:3:10: 'server' in [database.shop] names \"pg\", but there is no "
                    "[service.pg] | add the section [service.pg]",
                    "c.toml:4:11: 'health' in [database.shop] names \"api\", but there is no "
                    "[health.api] | add the section [health.api]"));
    EXPECT_THAT(
        problems(std::string(a_database) + "\nstop = ['shop', 'ngnix']\n"
                                           "[service.shop]\nunit = 'shop.service'\n"
                                           "[service.nginx]\nunit = 'nginx.service'\n"),
        ElementsAre("c.toml:3:17: 'stop' in [database.shop] names \"ngnix\", but there is no "
                    "[service.ngnix] | did you mean 'nginx'? configured [service.*]: nginx, "
                    "shop"));
}

TEST(Decode, FindsMissingKeys) {
    EXPECT_THAT(problems("[database.shop]\n[database.shop.backups]\n[service.a]\n"),
                ElementsAre("c.toml:3:1: 'unit' is missing in [service.a] | add a line such as: "
                            "unit = \"nginx.service\"",
                            "c.toml:1:1: 'connection' is missing in [database.shop] | add a line "
                            "such as: connection = \"host=/var/run/postgresql port=5432 "
                            "user=postgres\"",
                            "c.toml:2:1: 'dir' is missing in [database.shop.backups] | add a line "
                            "such as: dir = \"/backups/postgres\""));
}

TEST(Decode, WantsTheKeysOfTheChosenManagerOnly) {
    EXPECT_THAT(problems("[service.a]\nmanager = 'command'\nunit = 'a.service'\nstart = ['a']\n"
                         "stop = ['a']\nstatus = ['a']\n"),
                ElementsAre("c.toml:3:8: 'unit' in [service.a] means nothing without manager = "
                            "\"systemd\" | remove it, or add manager = \"systemd\""));
    EXPECT_EQ(problems("[service.a]\nmanager = 'command'\n").size(), 3U);
}

TEST(Decode, WantsExactlyOneProbe) {
    EXPECT_THAT(problems("[health.a]\n"),
                ElementsAre("c.toml:1:1: [health.a] must have exactly one of url, tcp, database, "
                            "command; it has none"));
    EXPECT_THAT(problems("[health.a]\nurl = 'http://x/'\ntcp = 'x:1'\n"),
                ElementsAre("c.toml:1:1: [health.a] must have exactly one of url, tcp, database, "
                            "command; it has url and tcp"));
    EXPECT_THAT(
        problems("[health.a]\ntcp = 'x:1'\nexpect_status = 204\n"),
        ElementsAre("c.toml:3:17: 'expect_status' in [health.a] means nothing without url | "
                    "remove it, or add url"));
}

TEST(Decode, WantsBoundsThatCanHold) {
    EXPECT_THAT(problems(std::string(a_query) + "\nmin = 2\nmax = 1\n"),
                ElementsAre("c.toml:3:1: min = 2 is above max = 1 in [[database.shop.verify]]"));
    EXPECT_THAT(problems(std::string(a_query) + "\nmin = 2\nequals = 1\n"),
                ElementsAre("c.toml:3:1: [[database.shop.verify]] has both equals and min or max | "
                            "keep one kind of bound, or write two queries"));
}

TEST(Decode, WarnsOfAConsentWithoutALimit) {
    const auto found = decoded(std::string(a_database) + "\nunattended = 'restore'\n").problems;
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].severity, Severity::warning);
    EXPECT_EQ(found[0].text(), "c.toml:3:14: unattended = \"restore\" in [database.shop] does "
                               "nothing without max_data_loss");
}

TEST(Decode, WarnsOfALimitThatNoDumpCanKeepTo) {
    const auto limited = [](const std::string& limit) {
        return problems(std::string(a_database) + "\nunattended = 'restore'\nmax_data_loss = '" +
                        limit + "'\n");
    };
    EXPECT_THAT(limited("26h"), IsEmpty());
    EXPECT_THAT(limited("16MiB"),
                ElementsAre("c.toml:3:14: unattended = \"restore\" in [database.shop] does nothing "
                            "with a max_data_loss in bytes: what a dump loses is known as a time | "
                            "write it as a duration, such as: max_data_loss = \"26h\""));
}

TEST(Decode, SaysWhatIsNoTable) {
    EXPECT_THAT(
        problems("database = 3\n"),
        ElementsAre("c.toml:1:12: 'database' must be a table, not a whole number | write it "
                    "as [database.NAME]"));
    EXPECT_THAT(
        problems("[database]\nshop = 'x'\n"),
        ElementsAre("c.toml:2:8: 'database.shop' must be a table, not a string | write it as "
                    "[database.NAME]"));
    EXPECT_THAT(problems(std::string(a_database) + "\n[database.shop.verify]\nname = 'n'\n"),
                ElementsAre("c.toml:3:1: 'database.shop.verify' must be an array of tables | begin "
                            "each query with [[database.shop.verify]]"));
    EXPECT_THAT(problems(std::string(a_database) + "\nbackups = 1\n"),
                ElementsAre("c.toml:3:11: 'database.shop.backups' must be a table, not a whole "
                            "number | write it as [database.NAME.backups]"));
}

TEST(Decode, RefusesNamesThatCannotBeTyped) {
    for (const auto* name : {"''", "'a b'", "'a/b'", "'-a'", "'.a'", "\"a\\nb\""}) {
        const auto found = decoded(std::string("[service.") + name + "]\nunit = 'a.service'\n");
        ASSERT_EQ(found.problems.size(), 1U) << name;
        EXPECT_NE(found.problems[0].message.find("is not a good name for a service"),
                  std::string::npos);
        EXPECT_THAT(found.config.services, IsEmpty());
    }
}

TEST(Decode, FindsAllMistakesAtOnceAndKeepsWhatIsUsable) {
    const auto [config, problems] = decoded(R"(
[state]
dir = 3
[database.shop]
connection = "host=/tmp"
jobs = "many"
os_user = "pg"
)");
    EXPECT_EQ(problems.size(), 2U);
    EXPECT_EQ(config.state.dir, "/var/lib/drctl");
    EXPECT_EQ(config.databases.at("shop").jobs, 0U);
    EXPECT_EQ(config.databases.at("shop").os_user, "pg");
}

} // namespace
} // namespace drctl::config
