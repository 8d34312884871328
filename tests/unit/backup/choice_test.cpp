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
    made.taken_from = TimeSource::name;
    return made;
}

class ChoiceTest : public testing::Test {
  protected:
    Choice choose_before(const std::optional<system::WallTime>& before = {}) {
        const std::vector<Candidate> all{candidate("d", 40), candidate("c", 30), candidate("b", 20),
                                         candidate("a", 10)};
        return choose(all, before,
                      {[](const Candidate& one) -> std::optional<Candidate> {
                           ADD_FAILURE() << one.path << " says its time in its name";
                           return one;
                       },
                       [this](const Candidate& one) {
                           looked_at.push_back(one.path.string());
                           Inspection inspection;
                           inspection.candidate = one;
                           inspection.reason = bad.count(one.path.string()) != 0 ? "truncated" : "";
                           return inspection;
                       }});
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

TEST_F(ChoiceTest, CountsWhatIsTooLate) {
    const auto choice = choose_before(at(15));
    EXPECT_EQ(choice.chosen->candidate.path, "a");
    EXPECT_EQ(choice.too_late, 3U);
    EXPECT_EQ(choice.oldest_too_late->path, "b");
    EXPECT_EQ(choose_before().too_late, 0U);
}

TEST(Choice, ADateAloneCountsAsTheEndOfItsDay) {
    auto of_a_day = candidate("day", 24);
    of_a_day.precision = std::chrono::hours(24);
    const auto choose_before = [&](int hour) {
        return choose({of_a_day, candidate("older", 10)}, at(hour),
                      {[](const Candidate& one) { return std::optional(one); },
                       [](const Candidate& one) {
                           Inspection inspection;
                           inspection.candidate = one;
                           return inspection;
                       }});
    };
    const auto at_six = choose_before(30); // it may have been made at ten in the evening
    EXPECT_EQ(at_six.chosen->candidate.path, "older");
    EXPECT_EQ(at_six.oldest_too_late->taken_before(), at(48));
    EXPECT_EQ(choose_before(48).chosen->candidate.path, "day");
}

class UndatedChoiceTest : public testing::Test {
  protected:
    /// Files written at hours 40, 30 and 20; `holds` says when what is in them was dumped.
    Choice choose_before(const std::optional<system::WallTime>& before = {}) {
        std::vector<Candidate> all{candidate("copied", 40), candidate("late", 30),
                                   candidate("early", 20)};
        for (auto& one : all) {
            one.taken_from = TimeSource::modification;
        }
        return choose(all, before,
                      {[this](const Candidate& one) { return date(one); },
                       [this](const Candidate& one) {
                           looked_at.push_back(one.path.string());
                           Inspection inspection;
                           inspection.candidate = found(one);
                           inspection.reason = one.unusable;
                           return inspection;
                       }});
    }
    [[nodiscard]] Candidate found(Candidate one) const {
        one.taken = at(holds.at(one.path.string()));
        one.taken_from = TimeSource::content;
        return one;
    }
    std::optional<Candidate> date(Candidate one) {
        if (silent.count(one.path.string()) != 0) {
            return std::nullopt;
        }
        if (unbelievable.count(one.path.string()) != 0) {
            one.unusable = "in the future";
            return one;
        }
        return found(one);
    }
    std::set<std::string> silent;       ///< only a long look tells the time
    std::set<std::string> unbelievable; ///< no look does
    std::map<std::string, int> holds{{"copied", 39}, {"late", 29}, {"early", 19}};
    std::vector<std::string> looked_at;
};

TEST_F(UndatedChoiceTest, AnOldDumpThatWasCopiedLatelyIsNotTheNewest) {
    holds["copied"] = 5;
    const auto choice = choose_before();
    EXPECT_EQ(choice.chosen->candidate.path, "late");
    EXPECT_THAT(looked_at, ElementsAre("copied", "late")) << "'early' cannot be newer";
    EXPECT_TRUE(choice.rejected.empty());
}

TEST_F(UndatedChoiceTest, TheFirstIsEnoughWhereNoneCanBeNewer) {
    EXPECT_EQ(choose_before().chosen->candidate.path, "copied");
    EXPECT_THAT(looked_at, ElementsAre("copied"));
}

TEST_F(UndatedChoiceTest, BeforeMeansWhatItHoldsAndNotWhenItWasWritten) {
    holds["late"] = 25;
    EXPECT_EQ(choose_before(at(28)).chosen->candidate.path, "late");
}

TEST_F(UndatedChoiceTest, WhatIsTooLateIsCountedAndNotReadInFull) {
    const auto choice = choose_before(at(15));
    EXPECT_FALSE(choice.chosen);
    EXPECT_THAT(looked_at, ElementsAre());
    EXPECT_EQ(choice.too_late, 3U);
    EXPECT_EQ(choice.oldest_too_late->path, "early");
    EXPECT_EQ(choice.oldest_too_late->taken, at(19));
}

TEST_F(UndatedChoiceTest, WhatCannotBeDatedAtOnceIsReadInFull) {
    silent = {"copied", "late"};
    holds["late"] = 5;
    const auto choice = choose_before(at(20));
    EXPECT_THAT(looked_at, ElementsAre("copied", "late", "early"));
    EXPECT_EQ(choice.chosen->candidate.path, "early");
    EXPECT_EQ(choice.too_late, 1U) << "only 'copied'";
}

TEST_F(UndatedChoiceTest, ATimeThatCannotBeIsAReasonAndNotTooLate) {
    unbelievable = {"copied"};
    const auto choice = choose_before(at(20));
    ASSERT_EQ(choice.rejected.size(), 1U);
    EXPECT_EQ(choice.rejected.front().reason, "in the future");
    EXPECT_EQ(choice.too_late, 1U) << "only 'late'";
}

} // namespace
} // namespace drctl::backup
