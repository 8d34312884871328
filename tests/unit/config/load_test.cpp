// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include "drctl/error.hpp"
#include "system/files.hpp"

#include <fstream>
#include <gmock/gmock.h>

namespace drctl::config {
namespace {

using testing::IsEmpty;

class Load : public testing::Test {
  protected:
    LoadedConfig load_text(std::string_view text, std::vector<std::string> overrides = {}) {
        std::ofstream(path_) << text;
        return load({path_, "--config"}, overrides);
    }
    [[nodiscard]] std::string at(std::string_view rest) const {
        return path_.string() + std::string(rest);
    }

    system::TemporaryDirectory directory_;
    std::filesystem::path path_ = directory_.path() / "drctl.toml";
};

constexpr std::string_view two_databases = R"([database.shop]
connection = "host=/tmp"
[database.ledger]
connection = "host=/tmp"
jobs = "many"
[audience.internal]
channels = []
)";

std::string message_of(const std::function<void()>& call, std::string* hint = nullptr) {
    try {
        call();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::usage);
        if (hint != nullptr) {
            *hint = error.hint();
        }
        return error.message();
    }
    return "nothing was thrown";
}

TEST_F(Load, ReadsAFileWithoutMistakes) {
    const auto loaded = load_text("[database.shop]\nconnection = 'host=/tmp'\n");
    EXPECT_THAT(loaded.problems, IsEmpty());
    EXPECT_EQ(loaded.path, path_);
    EXPECT_EQ(loaded.config.databases.size(), 1U);
}

TEST_F(Load, AppliesOverridesInTheirOrder) {
    const auto loaded = load_text("[database.shop]\nconnection = 'host=/tmp'\njobs = 1\n",
                                  {"database.shop.jobs=2", "database.shop.jobs=3"});
    EXPECT_EQ(loaded.config.databases.at("shop").jobs, 3U);
}

TEST_F(Load, ListsMistakesInTheOrderOfTheFile) {
    const auto loaded = load_text(two_databases);
    ASSERT_EQ(loaded.problems.size(), 2U);
    EXPECT_EQ(loaded.problems[0].origin.line, 5U);
    EXPECT_EQ(loaded.problems[1].origin.line, 6U);
}

TEST_F(Load, LetsMistakesElsewherePassWithAWarning) {
    const auto loaded = load_text(two_databases);
    for (const auto& problem : problems_for(loaded, {"database", "shop"})) {
        EXPECT_EQ(problem.severity, Severity::warning) << problem.text();
    }
    EXPECT_NO_THROW(require_usable(loaded, {"database", "shop"}));
}

TEST_F(Load, StopsAtAMistakeInASectionThatTheTargetUses) {
    const auto loaded = load_text(two_databases);
    std::string hint;
    EXPECT_EQ(message_of(
                  [&] {
                      require_usable(loaded, {"database", "ledger"});
                  },
                  &hint),
              "cannot use the configuration of database 'ledger': " +
                  at(":5:8: 'jobs' in [database.ledger] must be a whole number, not a string"));
    EXPECT_EQ(hint, "for example: jobs = 4");
}

TEST_F(Load, CountsFurtherMistakesAndKeepsThemAsContext) {
    const auto loaded = load_text("[database.shop]\njobs = 'a'\nstop = 'b'\n");
    try {
        require_usable(loaded, {"database", "shop"});
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.message(), "cannot use the configuration of database 'shop': " +
                                       at(":1:1: 'connection' is missing in [database.shop] (and 2 "
                                          "more)"));
        EXPECT_EQ(error.hint(), "drctl config check lists all of them");
        EXPECT_EQ(error.context().size(), 3U);
    }
}

TEST_F(Load, StopsAtAMistakeThatWasTypedJustNowWhereverItIs) {
    const auto loaded = load_text(two_databases, {"database.ledger.jobs=x"});
    EXPECT_EQ(message_of([&] {
                  require_usable(loaded, {"database", "shop"});
              }),
              "cannot use the configuration of database 'shop': --set database.ledger.jobs: 'jobs' "
              "in [database.ledger] must be a whole number, not a string");
    const auto misspelt = load_text(two_databases, {"database.shpo.jobs=1"});
    EXPECT_EQ(message_of([&] {
                  require_usable(misspelt, {"database", "shop"});
              }),
              "cannot use the configuration of database 'shop': --set database.shpo.jobs: "
              "'connection' is missing in [database.shpo]");
}

TEST_F(Load, TellsHowToQuoteAnOverride) {
    const auto loaded = load_text(two_databases, {"database.shop.dbname=7"});
    std::string hint;
    message_of([&] { require_usable(loaded, {"database", "shop"}); }, &hint);
    EXPECT_EQ(hint, "write the value of --set as in the file, in quotes of its own if it is a "
                    "string: --set 'database.shop.dbname=\"shop\"'");
}

TEST_F(Load, ChoosesTheOnlyDatabaseOrTheNamedOne) {
    const auto one = load_text("[database.shop]\nconnection = 'host=/tmp'\n");
    EXPECT_EQ(choose_database(one, std::nullopt).name, "shop");
    const auto two = load_text(two_databases);
    EXPECT_EQ(choose_database(two, "ledger").name, "ledger");
}

TEST_F(Load, ListsTheDatabasesWhereNoneCanBeChosen) {
    const auto two = load_text(two_databases);
    std::string hint;
    EXPECT_EQ(message_of([&] { static_cast<void>(choose_database(two, std::nullopt)); }, &hint),
              "cannot choose a database: several are configured");
    EXPECT_EQ(hint, "name one of: ledger, shop");
    EXPECT_EQ(message_of([&] { static_cast<void>(choose_database(two, "shp")); }, &hint),
              "cannot find the database 'shp' in " + path_.string());
    EXPECT_EQ(hint, "did you mean 'shop'? configured: ledger, shop");
    const auto none = load_text("");
    EXPECT_EQ(message_of([&] { static_cast<void>(choose_database(none, std::nullopt)); }, &hint),
              "cannot choose a database: " + path_.string() + " configures none");
    EXPECT_EQ(hint, "add a section [database.NAME], or run 'sudo drctl config init'");
}

TEST(ChooseFile, PrefersTheOptionThenTheEnvironmentThenTheDefault) {
    EXPECT_EQ(choose_file("/a", "/b").path, "/a");
    EXPECT_EQ(choose_file("/a", "/b").by, "--config");
    EXPECT_EQ(choose_file(std::nullopt, "/b").path, "/b");
    EXPECT_EQ(choose_file(std::nullopt, "/b").by, "$DRCTL_CONFIG");
    EXPECT_EQ(choose_file(std::nullopt, "").path, "/etc/drctl/drctl.toml");
    EXPECT_EQ(choose_file(std::nullopt, std::nullopt).by, "");
}

TEST(LoadRecorded, MakesTheConfigurationOfARunFromItsJournal) {
    const auto loaded =
        load_recorded({{"database.shop.connection", "\"host=/tmp\""}, {"database.shop.jobs", "2"}},
                      "the journal");
    EXPECT_THAT(loaded.problems, IsEmpty());
    EXPECT_EQ(loaded.config.databases.at("shop").jobs, 2U);
}

} // namespace
} // namespace drctl::config
