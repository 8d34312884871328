// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/last_seen.hpp"

#include "system/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::procedures {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

LastSeen shop() {
    LastSeen seen;
    seen.when = system::WallTime(std::chrono::hours(490'000));
    seen.system_identifier = 7'577'000'000'000'000'001;
    auto& it = seen.properties;
    it.oid = 16'384;
    it.name = "shop";
    it.owner = "app";
    it.encoding = "UTF8";
    it.collate = it.ctype = "de_DE.UTF-8";
    it.locale_provider = "icu";
    it.provider_locale = "de-DE";
    it.tablespace = "fast";
    it.connection_limit = 50;
    it.comment = "the shop's \"own\"";
    it.grants.emplace();
    it.grants->push_back({"app", "", "CONNECT", false});
    it.settings.push_back({"app", "work_mem", "64MB"});
    it.security_labels.emplace_back("selinux", "x");
    seen.relations = {{"public.Größe", 16'390}, {"public.orders", 16'400}};
    return seen;
}

TEST(LastSeen, IsReadAsItWasWritten) {
    const system::TemporaryDirectory state("last-seen");
    write_last_seen(state.path(), "shop", shop());
    const auto seen = read_last_seen(state.path(), "shop", std::nullopt);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->when, shop().when);
    EXPECT_EQ(seen->system_identifier, shop().system_identifier);
    EXPECT_EQ(seen->relations, shop().relations);
    EXPECT_EQ(seen->properties.oid, 16'384U);
    EXPECT_EQ(seen->properties.owner, "app");
    EXPECT_EQ(seen->properties.provider_locale, "de-DE");
    EXPECT_EQ(seen->properties.icu_rules, std::nullopt);
    EXPECT_EQ(seen->properties.connection_limit, 50);
    EXPECT_EQ(seen->properties.comment, shop().properties.comment);
    ASSERT_TRUE(seen->properties.grants);
    EXPECT_EQ(seen->properties.grants->at(0).privilege, "CONNECT");
    EXPECT_EQ(seen->properties.settings.at(0).value, "64MB");
    EXPECT_EQ(seen->properties.security_labels, shop().properties.security_labels);
}

TEST(LastSeen, BuiltInPrivilegesAreNotNoPrivileges) {
    const system::TemporaryDirectory state("last-seen");
    auto seen = shop();
    seen.properties.grants.reset();
    write_last_seen(state.path(), "default", seen);
    EXPECT_FALSE(read_last_seen(state.path(), "default", std::nullopt)->properties.grants);
    seen.properties.grants.emplace();
    write_last_seen(state.path(), "revoked", seen);
    EXPECT_TRUE(read_last_seen(state.path(), "revoked", std::nullopt)->properties.grants);
}

TEST(LastSeen, AnotherClusterRemembersNothing) {
    const system::TemporaryDirectory state("last-seen");
    write_last_seen(state.path(), "shop", shop());
    const auto own = *shop().system_identifier;
    EXPECT_TRUE(read_last_seen(state.path(), "shop", own));
    EXPECT_FALSE(read_last_seen(state.path(), "shop", own + 1));
    auto unknown = shop();
    unknown.system_identifier.reset();
    write_last_seen(state.path(), "shop", unknown);
    EXPECT_TRUE(read_last_seen(state.path(), "shop", own));
}

/// As `grantor=privilege*/grantee`, the star for a right to grant.
std::vector<std::string> in_words(const postgres::DatabaseProperties& it) {
    std::vector<std::string> words;
    for (const auto& grant : it.grants.value()) {
        words.push_back(grant.grantor + "=" + grant.privilege + (grant.grantable ? "*" : "") + "/" +
                        grant.grantee);
    }
    return words;
}

TEST(WhatIsGone, IsNothingWhereEverythingIsThere) {
    auto seen = shop();
    EXPECT_THAT(leave_out_what_is_gone(seen.properties, {{"app"}, {"fast"}}, "postgres"),
                IsEmpty());
    EXPECT_THAT(in_words(seen.properties), ElementsAre("app=CONNECT/"));
    EXPECT_EQ(seen.properties.settings.size(), 1U);
    EXPECT_EQ(seen.properties.owner, "app");
    EXPECT_EQ(seen.properties.tablespace, "fast");
}

TEST(WhatIsGone, IsReplacedWhereADatabaseMustHaveOne) {
    auto it = shop().properties;
    it.settings.clear();
    it.grants->push_back({"app", "app", "CREATE", false});
    const auto said = leave_out_what_is_gone(it, {{"postgres"}, {"pg_default"}}, "postgres");
    EXPECT_THAT(said, ElementsAre(HasSubstr("owner 'app' is gone: it will belong to 'postgres'"),
                                  HasSubstr("tablespace 'fast' is gone")));
    EXPECT_EQ(it.owner, "postgres");
    EXPECT_EQ(it.tablespace, "pg_default");
    // As if the owner had been changed while there was one.
    EXPECT_THAT(in_words(it), ElementsAre("postgres=CONNECT/", "postgres=CREATE/postgres"));
}

TEST(WhatIsGone, TakesAlongWhatRestsOnIt) {
    auto it = shop().properties;
    it.grants = {{"app", "left", "CONNECT", true},   {"left", "heir", "CONNECT", true},
                 {"heir", "last", "CONNECT", false}, {"app", "heir", "CREATE", true},
                 {"heir", "last", "CREATE", false},  {"app", "", "TEMPORARY", false}};
    it.settings = {{"left", "work_mem", "1MB"}, {"", "work_mem", "2MB"}, {"last", "a.b", "c"}};
    const auto said = leave_out_what_is_gone(it, {{"app", "heir", "last"}, {"fast"}}, "postgres");
    EXPECT_THAT(said, ElementsAre(HasSubstr("gone: left")));
    EXPECT_THAT(in_words(it),
                ElementsAre("app=CREATE*/heir", "app=TEMPORARY/", "heir=CREATE/last"));
    ASSERT_EQ(it.settings.size(), 2U);
    EXPECT_EQ(it.settings.at(0).role, "");
    EXPECT_EQ(it.settings.at(1).role, "last");
}

TEST(WhatIsGone, LeavesBuiltInPrivilegesWhatTheyAre) {
    auto it = shop().properties;
    it.grants.reset();
    static_cast<void>(leave_out_what_is_gone(it, {{"postgres"}, {}}, "postgres"));
    EXPECT_FALSE(it.grants);
}

TEST(LastSeen, WhatCannotBeReadHasNotBeenSeen) {
    const system::TemporaryDirectory state("last-seen");
    EXPECT_FALSE(read_last_seen(state.path(), "shop", std::nullopt));
    write_last_seen(state.path(), "shop", shop());
    const auto file = state.path() / "seen" / "shop.json";
    const auto whole = system::read_file(file);
    for (const std::size_t kept : {std::size_t{0}, std::size_t{1}, whole.size() / 2}) {
        system::write_file_atomically(file, whole.substr(0, kept));
        EXPECT_FALSE(read_last_seen(state.path(), "shop", std::nullopt)) << kept;
    }
}

} // namespace
} // namespace drctl::procedures
