// SPDX-License-Identifier: Apache-2.0
#include "engine/consent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::engine {
namespace {

using Kind = ConsentDecision::Kind;
using namespace std::chrono_literals;
using testing::HasSubstr;

ExpectedLoss hours_lost(int hours) {
    return {"rows", {std::nullopt, std::chrono::hours(hours)}, std::nullopt, std::nullopt};
}

TEST(Consent, FollowsTheTable) {
    struct Row {
        const char* what;
        ConsentPolicy policy;
        Kind expected;
    };
    const LossLimit day = system::Duration(24h);
    const LossLimit hour = system::Duration(1h);
    const std::vector<Row> rows{
        {"nobody there, nothing said", {}, Kind::refused},
        {"at a terminal", {std::nullopt, true, false, std::nullopt}, Kind::ask},
        {"accepted, covers", {day, false, false, std::nullopt}, Kind::given},
        {"accepted, too little", {hour, true, true, day}, Kind::refused},
        {"unattended, covered", {std::nullopt, false, true, day}, Kind::given},
        {"unattended, too much", {std::nullopt, false, true, hour}, Kind::refused},
        {"unattended, no limit set", {std::nullopt, false, true, std::nullopt}, Kind::refused},
        {"limit set, unattended = start", {std::nullopt, false, false, day}, Kind::refused},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(decide_consent(hours_lost(2), "db", row.policy).kind, row.expected) << row.what;
    }
}

TEST(Consent, NobodyIsThereToAgreeToASecondLossSoSoon) {
    ConsentPolicy policy{LossLimit(system::Duration(24h)), false, true,
                         LossLimit(system::Duration(24h))};
    auto loss = hours_lost(2);
    EXPECT_EQ(decide_consent(loss, "db", policy).kind, Kind::given);
    loss.repeats = "run-1";
    EXPECT_EQ(decide_consent(loss, "db", policy).kind, Kind::refused);
    EXPECT_THAT(decide_consent(loss, "db", policy).words, HasSubstr("run-1"));
    policy.at_terminal = true;
    EXPECT_EQ(decide_consent(loss, "db", policy).kind, Kind::given);
}

TEST(Consent, SuggestsALimitThatWillStillCover) {
    EXPECT_THAT(decide_consent(hours_lost(2), "db", {}).hint, HasSubstr("--accept-data-loss 3h"));
}

TEST(Consent, ALimitInBytesDoesNotCoverALossKnownInTimeOnly) {
    ConsentPolicy policy;
    policy.accepted = system::ByteSize{1ULL << 40};
    EXPECT_EQ(decide_consent(hours_lost(1), "db", policy).kind, Kind::refused);
    ExpectedLoss bytes{"rows", {}, 1000, std::nullopt};
    EXPECT_EQ(decide_consent(bytes, "db", policy).kind, Kind::given);
}

TEST(Consent, NoLimitCoversALossThatIsBelowZero) {
    const LossLimit year = system::Duration(24h * 365);
    EXPECT_EQ(decide_consent(hours_lost(0), "db", {year, false, false, {}}).kind, Kind::given);
    for (const auto& policy :
         {ConsentPolicy{year, false, false, {}}, ConsentPolicy{std::nullopt, false, true, year}}) {
        const auto decision = decide_consent(hours_lost(-2), "db", policy);
        EXPECT_EQ(decision.kind, Kind::refused);
        EXPECT_THAT(decision.words, HasSubstr("an unknown amount"));
    }
}

TEST(Consent, ReadsTimesAndSizes) {
    EXPECT_EQ(parse_loss_limit("26h"), LossLimit(system::Duration(26h)));
    EXPECT_EQ(parse_loss_limit("16MiB"), LossLimit(system::ByteSize{16U << 20}));
    EXPECT_FALSE(parse_loss_limit("everything"));
}

} // namespace
} // namespace drctl::engine
