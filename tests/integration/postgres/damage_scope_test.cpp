// SPDX-License-Identifier: Apache-2.0
#include "postgres/damage_scope.hpp"

#include "postgres/missing_files.hpp"
#include "postgres/verify.hpp"
#include "support/postgres_cluster.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace drctl::postgres {
namespace {

using test::PostgresCluster;

constexpr system::Duration patience{10'000};

class DamageScopeTest : public testing::Test {
  protected:
    DamageScopeTest() {
        cluster_.create_database("shop");
        psql("CREATE TABLE daos (id int PRIMARY KEY, name text);"
             "INSERT INTO daos SELECT i, md5(i::text) FROM generate_series(1, 2000) i;"
             "VACUUM (ANALYZE) daos");
    }
    std::string psql(const std::string& sql) const { return cluster_.psql("shop", sql); }
    [[nodiscard]] Target target() const { return target_of(cluster_.database("shop")); }
    [[nodiscard]] fs::path file_of(const std::string& relation) const {
        return cluster_.data_dir() / psql("SELECT pg_relation_filepath('" + relation + "')");
    }
    /// Does it while the server is down, so that no cache hides it.
    void behind_its_back(const std::function<void()>& harm) {
        cluster_.stop();
        harm();
        cluster_.start();
    }
    void remove(const std::string& relation) {
        const auto file = file_of(relation);
        behind_its_back([&] { fs::remove(file); });
    }
    /// What a session and a query say, confirmed.
    [[nodiscard]] Cause confirmed() const {
        Cause said;
        try {
            config::Verify query;
            query.name = "daos";
            query.sql = "SELECT count(d) FROM daos d";
            said = run_queries(target(), {query}, {}).wrong.value_or(Cause{});
        } catch (const Error& error) {
            said = classify(error);
        }
        EXPECT_EQ(said.scope, DamageScope::database) << said.words;
        return confirm_damage(said, target(), cluster_.data_dir(), {});
    }

    PostgresCluster cluster_;
};

/// The file of an index is gone; a planner that comes across it says what it says of a table's.
TEST_F(DamageScopeTest, AnIndexHidesNoLostRowsFromALook) {
    const auto query = [](const char* name, const char* sql) {
        config::Verify verify;
        verify.name = name;
        verify.sql = sql;
        return verify;
    };
    psql("CREATE TABLE votes AS SELECT generate_series(1, 100) AS i");
    const std::vector<config::Verify> queries{
        query("typo", "SELECT no_such_function()"),
        query("daos", "SELECT count(d) FROM daos d"),
        query("votes", "SELECT count(v) FROM votes v"),
    };
    const auto confirm = [this](Cause cause) {
        return confirm_damage(std::move(cause), target(), cluster_.data_dir(), {});
    };
    remove("daos_pkey");
    auto found = run_queries(target(), queries, {}, confirm);
    ASSERT_TRUE(found.wrong.has_value());
    EXPECT_EQ(found.wrong->scope, DamageScope::index) << found.wrong->words;
    EXPECT_EQ(found.good.size(), 1U) << "the votes are asked for all the same";
    const auto rows = read_every_row(target(), 2, {}, confirm);
    ASSERT_TRUE(rows.wrong.has_value());
    EXPECT_EQ(rows.wrong->scope, DamageScope::index) << rows.wrong->words;

    remove("votes");
    found = run_queries(target(), queries, {}, confirm);
    EXPECT_TRUE(found.decided()) << found.wrong->words;
    EXPECT_NE(found.wrong->words.find("table public.votes"), std::string::npos);
    EXPECT_EQ(found.also_wrong.size(), 2U);
    const auto lost = read_every_row(target(), 1, {}, confirm);
    EXPECT_TRUE(lost.decided()) << lost.wrong->words;
}

TEST_F(DamageScopeTest, TheFileOfATableIsDamageOfTheDatabase) {
    remove("daos");
    const auto cause = confirmed();
    EXPECT_EQ(cause.scope, DamageScope::database) << cause.words;
    EXPECT_NE(cause.words.find("table public.daos"), std::string::npos) << cause.words;
}

TEST_F(DamageScopeTest, TheFileOfAnIndexLosesNoRow) {
    remove("daos_pkey");
    const auto cause = confirmed();
    EXPECT_EQ(cause.scope, DamageScope::index) << cause.words;
    EXPECT_NE(cause.words.find("index public.daos_pkey"), std::string::npos) << cause.words;
}

TEST_F(DamageScopeTest, AnIndexIsOneWhateverLanguageTheServerSpeaks) {
    const auto file = fs::relative(file_of("daos_pkey"), cluster_.data_dir()).string();
    const auto said = classify("XX001", "FEHLER: ungültige Seite in Block 3 von Relation " + file);
    EXPECT_EQ(confirm_damage(said, target(), cluster_.data_dir(), {}).scope, DamageScope::index);
}

TEST_F(DamageScopeTest, ADestroyedPageOfAnIndexLosesNoRow) {
    const auto file = file_of("daos_pkey");
    behind_its_back([&] {
        std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
        out << std::string(8192, 'X');
    });
    EXPECT_EQ(confirmed().scope, DamageScope::index);
}

TEST_F(DamageScopeTest, AnIndexOfTheCatalogueDoesNotKeepItFromAnswering) {
    remove("pg_class_oid_index"); // no ordinary session comes about without it
    const auto cause = confirmed();
    EXPECT_EQ(cause.scope, DamageScope::index) << cause.words;
    EXPECT_NE(cause.words.find("pg_class_oid_index"), std::string::npos) << cause.words;
}

TEST_F(DamageScopeTest, ACatalogueThatCannotBeReadIsDamaged) {
    remove("pg_class"); // mapped: its relfilenode is in no row
    EXPECT_EQ(confirmed().scope, DamageScope::database);
}

TEST_F(DamageScopeTest, ALostStatusOfATransactionThatWasIsDamageOfTheCluster) {
    psql("INSERT INTO daos VALUES (0, 'late')"); // nobody has looked yet whether that is committed
    behind_its_back([this] {
        // A million transactions later their status lies in another file.
        cluster_.must_run("pg_resetwal", {"-f", "-x", "3000000", "-D", cluster_.data_dir()});
        const auto status = cluster_.data_dir() / "pg_xact";
        fs::remove(status / "0000");
        std::ofstream(status / "0002");
        fs::resize_file(status / "0002", 262144);
        cluster_.give(status);
    });
    const auto cause = confirmed();
    EXPECT_EQ(cause.kind, Cause::Kind::transaction_status_damaged) << cause.words;
    EXPECT_EQ(cause.scope, DamageScope::cluster) << cause.words;
    const auto never_was = classify("58P01", "ERROR: could not access status of transaction "
                                             "1482184792");
    EXPECT_EQ(confirm_damage(never_was, target(), cluster_.data_dir(), {}).scope,
              DamageScope::database);
}

TEST_F(DamageScopeTest, AMappedRelationIsFoundByItsFile) {
    psql("VACUUM FULL pg_class");
    const auto file = fs::relative(file_of("pg_class"), cluster_.data_dir()).string();
    const auto cause =
        confirm_damage(classify("XX001", "ERROR: invalid page in block 0 of relation " + file),
                       target(), cluster_.data_dir(), {});
    EXPECT_EQ(cause.scope, DamageScope::database);
    EXPECT_NE(cause.words.find("pg_catalog.pg_class"), std::string::npos) << cause.words;
}

TEST_F(DamageScopeTest, MapsOfATableLoseNoRow) {
    const auto file = fs::relative(file_of("daos"), cluster_.data_dir()).string();
    for (const auto* fork : {"_vm", "_fsm", "_vm.1"}) {
        const auto words = "ERROR: invalid page in block 0 of relation " + file + fork;
        EXPECT_EQ(confirm_damage(classify("XX001", words), target(), {}, {}).scope,
                  DamageScope::index)
            << words;
    }
}

TEST_F(DamageScopeTest, AFileThatTheCatalogueDoesNotKnowProvesNothing) {
    const auto directory =
        fs::relative(file_of("daos").parent_path(), cluster_.data_dir()).string();
    for (const auto& file : {directory + "/999999", directory + "/t3_16400",
                             std::string("base/999999/1259"), std::string("base/pgsql_tmp/x")}) {
        const auto cause = confirm_damage(
            classify("58P01", "ERROR: could not open file \"" + file + "\": No such file"),
            target(), cluster_.data_dir(), {});
        EXPECT_EQ(cause.scope, DamageScope::none) << file;
        EXPECT_NE(cause.hint, "") << file;
    }
    // But there is no database without these.
    for (const auto& file : {directory, directory + "/PG_VERSION"}) {
        EXPECT_EQ(confirm_damage(classify("58P01", "FATAL: \"" + file + "\" is missing"), target(),
                                 cluster_.data_dir(), {})
                      .scope,
                  DamageScope::database)
            << file;
    }
}

TEST_F(DamageScopeTest, WhatNobodyCanResolveProvesNothing) {
    const auto file = fs::relative(file_of("daos"), cluster_.data_dir()).string();
    cluster_.stop();
    const auto cause =
        confirm_damage(classify("XX001", "ERROR: invalid page in block 0 of relation " + file),
                       target(), cluster_.data_dir(), {});
    EXPECT_EQ(cause.scope, DamageScope::none) << cause.words;
}

/// A tablespace on a volume of its own, and what lies in it.
class TablespaceTest : public DamageScopeTest {
  protected:
    TablespaceTest() {
        fs::create_directory(volume());
        cluster_.give(volume());
        psql("CREATE TABLESPACE far LOCATION '" + volume().string() + "'");
    }
    [[nodiscard]] fs::path volume() const { return cluster_.root() / "volume"; }
    /// The mount point stays, what was mounted on it is away.
    void unmount() {
        behind_its_back([this] {
            fs::rename(volume(), cluster_.root() / "away");
            fs::create_directory(volume());
            cluster_.give(volume());
        });
    }
    [[nodiscard]] std::optional<Cause> missing(const std::string& dbname) const {
        const auto probe = probe_server(target_of(cluster_.database(dbname)), patience, {});
        EXPECT_EQ(probe.state, ServerProbe::State::database_missing) << probe.evidence;
        return judge_missing_database(probe, cluster_.data_dir());
    }
};

TEST_F(TablespaceTest, ATableOnAVolumeThatIsAwayIsNotLost) {
    psql("ALTER TABLE daos SET TABLESPACE far");
    unmount();
    const auto cause = confirmed();
    EXPECT_EQ(cause.kind, Cause::Kind::volume_not_mounted) << cause.words;
    EXPECT_FALSE(cause.is_damage());
}

TEST_F(TablespaceTest, ATableThatIsGoneFromItsVolumeIsLost) {
    psql("ALTER TABLE daos SET TABLESPACE far");
    remove("daos");
    EXPECT_EQ(confirmed().scope, DamageScope::database);
    // Seen from elsewhere nobody can tell.
    const auto said = classify("58P01", "ERROR: could not open file \"pg_tblspc/1/PG_15_2/3/4\"");
    EXPECT_FALSE(confirm_damage(said, target(), std::nullopt, {}).is_damage());
}

TEST_F(TablespaceTest, ADatabaseOnAVolumeThatIsAwayIsNotLost) {
    cluster_.create_database("elsewhere", {"--tablespace=far"});
    unmount();
    const auto cause = missing("elsewhere");
    ASSERT_TRUE(cause.has_value());
    EXPECT_EQ(cause->kind, Cause::Kind::volume_not_mounted) << cause->words;
    EXPECT_FALSE(cause->is_damage());
    fs::remove(volume());
    EXPECT_EQ(missing("elsewhere")->kind, Cause::Kind::volume_not_mounted);
    fs::rename(cluster_.root() / "away", volume());
    for (const auto& entry : fs::directory_iterator(volume())) {
        fs::remove_all(entry.path() /
                       psql("SELECT oid FROM pg_database WHERE datname = 'elsewhere'"));
    }
    EXPECT_EQ(missing("elsewhere")->scope, DamageScope::database);
}

TEST_F(DamageScopeTest, TheDirectoryOfADatabaseIsLookedForBeforeItCountsAsGone) {
    const auto directory = file_of("daos").parent_path();
    fs::rename(directory, cluster_.root() / "hidden");
    const auto probe = probe_server(target(), patience, {});
    ASSERT_EQ(probe.state, ServerProbe::State::database_missing) << probe.evidence;
    EXPECT_EQ(judge_missing_database(probe, cluster_.data_dir())->scope, DamageScope::database);
    EXPECT_FALSE(judge_missing_database(probe, std::nullopt)->is_damage());
    fs::rename(cluster_.root() / "hidden", directory);
    EXPECT_EQ(judge_missing_database(probe, cluster_.data_dir())->scope, DamageScope::index);
    auto alone = probe;
    alone.facts.reset();
    EXPECT_FALSE(judge_missing_database(alone, cluster_.data_dir())->is_damage());
}

} // namespace
} // namespace drctl::postgres
