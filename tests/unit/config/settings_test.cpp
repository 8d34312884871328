// SPDX-License-Identifier: Apache-2.0
#include "config/settings.hpp"

#include "config/decode.hpp"

#include <gmock/gmock.h>

namespace drctl::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;

const Target shop{"database", "shop"};

Document document(const std::string& more = {}) {
    return Document::parse(R"(
[service.pg]
unit = "pg.service"
[service.web]
unit = "web.service"
[service.other]
unit = "other.service"
[health.api]
url = "http://localhost/"
[health.ledger]
database = "ledger"
[database.shop]
connection = "host=/tmp"
server = "pg"
stop = ["web"]
health = ["api", "ledger"]
password = { env = "PW" }
[database.shop.backups]
dir = "/backups"
[[database.shop.verify]]
name = "n"
sql = "SELECT 1"
[database.ledger]
connection = "host=/run"
server = "other"
[database.ledger.backups]
dir = "/elsewhere"
)" + more,
                           "c.toml");
}

TEST(SectionsOf, FollowsNames) {
    EXPECT_THAT(sections_of(document(), shop),
                ElementsAre("database.ledger", "database.shop", "database.shop.backups",
                            "database.shop.verify", "health.api", "health.ledger", "service.pg",
                            "service.web", "state"));
}

TEST(SectionsOf, EndsWhereNamesGoInCircles) {
    const auto circle = Document::parse("[database.shop]\nhealth = ['a']\n"
                                        "[health.a]\ndatabase = 'shop'\n",
                                        "c.toml");
    EXPECT_THAT(sections_of(circle, shop),
                ElementsAre("database.shop", "database.shop.backups", "database.shop.verify",
                            "health.a", "state"));
}

TEST(SectionsOf, KnowsATargetThatIsNotThere) {
    EXPECT_THAT(sections_of(Document(), shop), ElementsAre("database.shop", "state"));
}

TEST(RelevantSettings, HoldWhatTheRunUsesWithDefaultsAndNothingElse) {
    const auto flat = relevant_settings(document(), shop);
    EXPECT_THAT(flat, Contains(Pair("database.shop.dbname", "\"shop\"")));
    EXPECT_THAT(flat, Contains(Pair("database.shop.jobs", "0")));
    EXPECT_THAT(flat, Contains(Pair("database.shop.stop", "[\"web\"]")));
    EXPECT_THAT(flat, Contains(Pair("database.shop.password.env", "\"PW\"")));
    EXPECT_THAT(flat, Contains(Pair("database.shop.backups.timezone", "\"UTC\"")));
    EXPECT_THAT(flat, Contains(Pair("database.shop.verify", R"([{"name":"n","sql":"SELECT 1"}])")));
    EXPECT_THAT(flat, Contains(Pair("service.web.unit", "\"web.service\"")));
    EXPECT_THAT(flat, Contains(Pair("health.api.expect_status", "200")));
    EXPECT_THAT(flat, Contains(Pair("database.ledger.connection", "\"host=/run\"")));
    EXPECT_THAT(flat, Not(Contains(Key("service.other.unit"))));
    EXPECT_THAT(flat, Not(Contains(Key("database.ledger.backups.dir"))));
    EXPECT_THAT(flat, Not(Contains(Key("state.dir"))));
    EXPECT_THAT(flat, Not(Contains(Key("health.ledger.expect_status"))));
}

TEST(RelevantSettings, MakeAConfigurationThatDecodesToTheSame) {
    const auto flat = relevant_settings(document(), shop);
    const auto again = Document::from_flat(flat, "the journal");
    const auto decoded = decode(again);
    // What the probed database refers to is none of this run's business.
    ASSERT_EQ(decoded.problems.size(), 1U);
    EXPECT_EQ(decoded.problems[0].section, "database.ledger");
    EXPECT_EQ(relevant_settings(again, shop), flat);
    EXPECT_EQ(decoded.config.databases.at("shop").verify.at(0).sql, "SELECT 1");
}

TEST(RelevantSettings, NeverHoldASecretThatWasWrittenInTheWrongPlace) {
    const auto wrong = Document::parse(R"(
[database.shop]
connection = "host=/tmp password=hunter2"
password = "hunter2"
passwd = "hunter2"
[[database.shop.verify]]
token = "hunter2"
)",
                                       "c.toml");
    for (const auto& [key, json] : relevant_settings(wrong, shop)) {
        EXPECT_EQ(json.find("hunter2"), std::string::npos) << key;
    }
}

TEST(Differences, AreNoneForTheSameConfigurationWrittenDifferently) {
    const auto recorded = relevant_settings(document(), shop);
    EXPECT_THAT(differences(recorded, document("# a comment\n"), shop), IsEmpty());
}

TEST(Differences, AreListedByKey) {
    const auto recorded = relevant_settings(document(), shop);
    auto today = document();
    today.set("database.shop.jobs=4");
    today.set("database.shop.max_data_loss=26h");
    today.set("service.other.unit=unused.service");
    const auto found = differences(recorded, today, shop);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].key, "database.shop.jobs");
    EXPECT_EQ(found[0].recorded, "0");
    EXPECT_EQ(found[0].now, "4");
    EXPECT_EQ(found[1].key, "database.shop.max_data_loss");
    EXPECT_EQ(found[1].recorded, std::nullopt);
    EXPECT_EQ(found[1].now, "\"26h\"");
}

TEST(Differences, ShowWhatIsNoLongerThere) {
    auto recorded = relevant_settings(document(), shop);
    recorded["database.shop.max_data_loss"] = "\"26h\"";
    const auto found = differences(recorded, document(), shop);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].recorded, "\"26h\"");
    EXPECT_EQ(found[0].now, std::nullopt);
}

TEST(Differences, PassOverDefaultsOfKeysThatAnOlderVersionDidNotKnow) {
    auto recorded = relevant_settings(document(), shop);
    recorded.erase("database.shop.start_deadline");
    EXPECT_THAT(differences(recorded, document(), shop), IsEmpty());
}

TEST(AllSettings, ShowEverySupportedSectionWithOrigins) {
    const auto settings = all_settings(document("[app.x]\nurl = 'secret'\n"));
    const auto find = [&](std::string_view key) {
        for (const auto& setting : settings) {
            if (setting.key == key) {
                return setting.json + " from " + setting.origin.text();
            }
        }
        return std::string("not there");
    };
    EXPECT_EQ(find("state.dir"), "\"/var/lib/drctl\" from the default");
    EXPECT_EQ(find("service.other.unit"), "\"other.service\" from c.toml:7:8");
    EXPECT_EQ(find("app.x.url"), "not there");
}

TEST(AllSettings, HideWhatMayBeATokenInAnUrl) {
    const auto with_token = document("[health.web]\nurl = 'http://localhost/health?token=t0ken'\n");
    std::map<std::string, std::string> shown;
    for (const auto& setting : all_settings(with_token)) {
        shown.emplace(setting.key, setting.json);
    }
    EXPECT_EQ(shown["health.web.url"], "\"http://localhost/health?[redacted]\"");
    EXPECT_EQ(shown["health.api.url"], "\"http://localhost/\"");
    const auto for_journal = settings_of(with_token, {"health.web"});
    EXPECT_TRUE(std::any_of(for_journal.begin(), for_journal.end(), [](const Setting& setting) {
        return setting.json.find("t0ken") != std::string::npos;
    })) << "a run that is continued has to ask the same";
}

} // namespace
} // namespace drctl::config
