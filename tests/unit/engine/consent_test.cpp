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
    return {"rows", {std::nullopt, std::chrono::hours(hours)}, std::nullopt};
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
        {"at a terminal", {std::nullopt, true, false, std::nullopt, std::nullopt}, Kind::ask},
        {"accepted, covers", {day, false, false, std::nullopt, std::nullopt}, Kind::given},
        {"accepted, too little", {hour, true, true, day, std::nullopt}, Kind::refused},
        {"unattended, covered", {std::nullopt, false, true, day, std::nullopt}, Kind::given},
        {"unattended, too much", {std::nullopt, false, true, hour, std::nullopt}, Kind::refused},
        {"unattended, no limit set",
         {std::nullopt, false, true, std::nullopt, std::nullopt},
         Kind::refused},
        {"limit set, unattended = start",
         {std::nullopt, false, false, day, std::nullopt},
         Kind::refused},
        {"restored lately, unattended", {day, false, true, day, "run-1"}, Kind::refused},
        {"restored lately, a person there", {day, true, true, day, "run-1"}, Kind::given},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(decide_consent(hours_lost(2), "db", row.policy).kind, row.expected) << row.what;
    }
}

TEST(Consent, SuggestsALimitThatWillStillCover) {
    EXPECT_THAT(decide_consent(hours_lost(2), "db", {}).hint, HasSubstr("--accept-data-loss 3h"));
}

TEST(Consent, ALimitInBytesDoesNotCoverALossKnownInTimeOnly) {
    ConsentPolicy policy;
    policy.accepted = system::ByteSize{1ULL << 40};
    EXPECT_EQ(decide_consent(hours_lost(1), "db", policy).kind, Kind::refused);
    ExpectedLoss bytes{"rows", {}, 1000};
    EXPECT_EQ(decide_consent(bytes, "db", policy).kind, Kind::given);
}

TEST(Consent, ReadsTimesAndSizes) {
    EXPECT_EQ(parse_loss_limit("26h"), LossLimit(system::Duration(26h)));
    EXPECT_EQ(parse_loss_limit("16MiB"), LossLimit(system::ByteSize{16U << 20}));
    EXPECT_FALSE(parse_loss_limit("everything"));
}

} // namespace
} // namespace drctl::engine
