// SPDX-License-Identifier: Apache-2.0
#include "postgres/database_names.hpp"

#include <gtest/gtest.h>

#include <set>

namespace drctl::postgres {
namespace {

constexpr const char* run = "20261123T031502Z-7f3a";

TEST(DatabaseNames, SayWhatTheyAreAndWhoseRunMadeThem) {
    EXPECT_EQ(copy_name("shop", run), "shop__copy_20261123t031502z_7f3a");
    EXPECT_EQ(kept_name("shop", run), "shop__before_20261123t031502z_7f3a");
}

TEST(DatabaseNames, FitIntoWhatPostgresKeepsAndStayDistinct) {
    const std::string longest(longest_name, 'x');
    std::set<std::string> names;
    for (const auto& live : {longest, longest.substr(1) + "y", longest.substr(1) + "z"}) {
        for (const auto& name : {copy_name(live, run), kept_name(live, run)}) {
            EXPECT_LE(name.size(), longest_name);
            EXPECT_TRUE(is_made_by_a_run(name)) << name;
            EXPECT_TRUE(names.insert(name).second) << name << " is not unique";
        }
    }
}

TEST(DatabaseNames, AreNeverCutInsideACharacter) {
    std::string live;
    for (int i = 0; i < 31; ++i) {
        live += "ä";
    }
    for (const auto& name : {copy_name(live, run), copy_name("x" + live, run)}) {
        EXPECT_LE(name.size(), longest_name);
        const auto cut = name.find_first_not_of("\xc3\xa4x");
        EXPECT_EQ(name[cut], '_') << name;
        EXPECT_EQ((cut - (name.front() == 'x' ? 1U : 0U)) % 2, 0U) << "half an ä is left";
    }
}

TEST(DatabaseNames, AreToldFromThoseThatPeopleChoose) {
    for (const auto* name :
         {"shop", "shop__copy", "shop__copy_", "shop__copy_of_monday", "shop__before_2026",
          "shop__before_20261123t031502z_", "shop__before_20261123t031502z_XY",
          "shop__copy_2026112at031502z_7f3a", "20261123t031502z_7f3a", ""}) {
        EXPECT_FALSE(is_made_by_a_run(name)) << name;
    }
}

} // namespace
} // namespace drctl::postgres
