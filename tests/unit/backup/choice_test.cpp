// SPDX-License-Identifier: Apache-2.0
#include "backup/choice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::backup {
namespace {

using testing::ElementsAre;

system::WallTime at(int hour) {
    return system::WallTime(std::chrono::hours(hour));
}

Candidate candidate(const std::string& name, int hour) {
    Candidate made;
    made.path = name;
    made.taken = at(hour);
    return made;
}

class ChoiceTest : public testing::Test {
  protected:
    Choice choose_before(const std::optional<system::WallTime>& before = {}) {
        const std::vector<Candidate> all{candidate("d", 40), candidate("c", 30), candidate("b", 20),
                                         candidate("a", 10)};
        return choose(all, before, [this](const Candidate& one) {
            looked_at.push_back(one.path.string());
            Inspection inspection;
            inspection.candidate = one;
            inspection.reason = bad.count(one.path.string()) != 0 ? "truncated" : "";
            return inspection;
        });
    }
    std::set<std::string> bad;
    std::vector<std::string> looked_at;
};

TEST_F(ChoiceTest, StopsAtTheNewestCleanOne) {
    bad = {"d"};
    const auto choice = choose_before();
    ASSERT_TRUE(choice.chosen);
    EXPECT_EQ(choice.chosen->candidate.path, "c");
    EXPECT_THAT(looked_at, ElementsAre("d", "c"));
    ASSERT_EQ(choice.rejected.size(), 1U);
    EXPECT_EQ(choice.rejected.front().reason, "truncated");
}

TEST_F(ChoiceTest, LooksOnlyAtWhatWasTakenBefore) {
    EXPECT_EQ(choose_before(at(30)).chosen->candidate.path, "b");
    EXPECT_THAT(looked_at, ElementsAre("b"));
}

TEST_F(ChoiceTest, NamesEveryReasonWhenNoneIsClean) {
    bad = {"a", "b", "c", "d"};
    const auto choice = choose_before();
    EXPECT_FALSE(choice.chosen);
    EXPECT_EQ(choice.rejected.size(), 4U);
}

} // namespace
} // namespace drctl::backup
