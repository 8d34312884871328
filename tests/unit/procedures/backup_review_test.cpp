// SPDX-License-Identifier: Apache-2.0
#include "procedures/backup_review.hpp"

#include "procedures/db_recover/backups.hpp"
#include "support/fake_clock.hpp"
#include "system/files.hpp"
#include "system/units.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::procedures {
namespace {

using namespace std::chrono_literals;
using State = ReviewedBackup::State;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

/// A dump of one table; `extra` comes before it.
std::string dump_with(const std::string& extra) {
    return "--\n-- PostgreSQL database dump\n--\n\n" + extra +
           "CREATE TABLE public.orders (id integer);\nCOPY public.orders (id) FROM stdin;\n1\n\\.\n"
           "\n\n--\n-- PostgreSQL database dump complete\n--\n\n";
}

class KnownBackups : public testing::Test {
  protected:
    KnownBackups() {
        database.name = database.dbname = "shop";
        database.backups = config::DatabaseBackups{};
        database.backups->dir = files.path();
        database.backups->pattern = "*.sql";
    }
    /// A dump begun so long ago in a file last written then; inspected, if anybody is to know it.
    void write(const std::string& name, std::chrono::hours started, std::chrono::hours written,
               bool inspected = true) {
        auto time = system::format_rfc3339(clock.wall() - started);
        time.replace(time.find('T'), 1, " ").replace(time.find('Z'), 1, " UTC");
        write_text(name, dump_with("-- Started on " + time + "\n\n"), written, inspected);
    }
    void write_text(const std::string& name, const std::string& text, std::chrono::hours written,
                    bool inspected = true) {
        const auto path = files.path() / name;
        system::write_file_atomically(path, text);
        std::filesystem::last_write_time(path,
                                         std::chrono::file_clock::from_sys(clock.wall() - written));
        if (inspected) {
            const auto found = backup::inspect(named_backup(database, path, {processes, clock, {}}),
                                               inspection_of(database, tools, {}));
            ASSERT_FALSE(found.from_receipt);
        }
    }
    std::vector<ReviewedBackup> known() { return known_backups(database, tools, {}); }
    std::vector<std::pair<std::string, State>> names_and_states() {
        std::vector<std::pair<std::string, State>> found;
        for (const auto& one : known()) {
            found.emplace_back(one.candidate.path.filename().string(), one.state);
        }
        return found;
    }

    system::TemporaryDirectory files, state;
    system::SystemProcessRunner processes;
    test::FakeClock clock;
    system::Redactor redactor;
    Toolbox tools{&processes, nullptr, &clock, state.path(), &redactor};
    config::Database database;
};

TEST_F(KnownBackups, AreAsOldAsTheirInspectionsHaveFound) {
    write("copied.sql", 72h, 1h, false);
    write("made.sql", 3h, 2h);
    EXPECT_THAT(names_and_states(), ElementsAre(Pair("copied.sql", State::not_inspected),
                                                Pair("made.sql", State::clean)));
    write("copied.sql", 72h, 1h);
    EXPECT_THAT(names_and_states(),
                ElementsAre(Pair("made.sql", State::clean), Pair("copied.sql", State::clean)));
    EXPECT_EQ(known().back().candidate.taken, clock.wall() - 72h);
    EXPECT_EQ(known().back().candidate.taken_from, backup::TimeSource::content);
}

TEST_F(KnownBackups, OfATimeThatCannotBeAreRejected) {
    write("future.sql", 1h, -48h, false);
    EXPECT_EQ(known().front().state, State::rejected);
    EXPECT_THAT(known().front().reason, HasSubstr("in the future"));
    write("future.sql", 1h, -48h);
    EXPECT_EQ(known().front().state, State::clean) << "the dump has a better one";
    EXPECT_EQ(known().front().candidate.taken, clock.wall() - 1h);
    write("future.sql", 1h, 48h);
    EXPECT_EQ(known().front().state, State::rejected);
    EXPECT_THAT(known().front().reason, HasSubstr("last written"));
}

TEST_F(KnownBackups, OfAnotherDatabaseAreRejectedThoughTheyAreWhole) {
    write_text("a.sql", dump_with("\\connect billing\n\n"), 1h);
    ASSERT_EQ(known().size(), 1U);
    EXPECT_EQ(known().front().state, State::rejected);
    EXPECT_THAT(known().front().reason, HasSubstr("database 'billing'"));
    EXPECT_EQ(known().front().sha256, "");
    EXPECT_TRUE(known().front().inspected);
    database.dbname = "billing";
    EXPECT_EQ(known().front().state, State::clean);
}

TEST_F(KnownBackups, OfAPartAreRejectedOnceTheWholeHasBeenSeen) {
    write("a.sql", 2h, 1h);
    EXPECT_EQ(known().front().state, State::clean);
    LastSeen seen;
    seen.when = clock.wall();
    seen.relations = {{"public.orders", 1}, {"public.a", 2}, {"public.b", 3}};
    write_last_seen(state.path(), "shop", seen);
    EXPECT_EQ(known().front().state, State::rejected);
    EXPECT_THAT(known().front().reason, HasSubstr("lacks 2 of the 3"));
}

TEST(Expectation, IsOfTheServerAndOfTheDatabase) {
    postgres::dump::Outline outline;
    outline.database = "billing";
    Expectation expected{"shop", std::nullopt};
    EXPECT_THAT(objection_to(outline, expected), HasSubstr("database 'billing'"));
    expected.named = true;
    EXPECT_EQ(objection_to(outline, expected), "") << "who names it means it";
    expected.missing = [](const auto&) { return std::vector<std::string>{"role app"}; };
    EXPECT_THAT(objection_to(outline, expected), HasSubstr("does not have: role app"));
}

} // namespace
} // namespace drctl::procedures
