// SPDX-License-Identifier: Apache-2.0
#include "views/status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace drctl::app::views {
namespace {

using procedures::StatusItem;
using procedures::StatusItems;
using State = StatusItem::State;

// 2026-11-23T03:15:02Z
const system::WallTime now{std::chrono::seconds(1'795'403'702)};

StatusItem item(State state, const char* kind, const char* name, const char* summary) {
    StatusItem made;
    made.state = state;
    made.kind = kind;
    made.name = name;
    made.summary = summary;
    return made;
}

StatusItems night() {
    auto down = item(State::bad, "database", "shop", "the server is down");
    down.since = now - std::chrono::minutes(5);
    down.next = "drctl db-recover shop";
    auto api = item(State::unknown, "health", "api", "no answer within 10s");
    api.next = "never shown: one thing at a time";
    auto kept = item(State::notice, "kept", "shop__before_x", "kept by run x");
    kept.bytes = 1536;
    kept.next = "drctl runs prune x";
    return {down, api, item(State::good, "service", "app", "running"),
            item(State::notice, "hold", "shop", "held by ops"), kept};
}

TEST(ShortStatus, SaysWhatIsWrongSinceWhenAndTheOneThingToTypeNext) {
    EXPECT_EQ(short_status(night(), now, Style()),
              "database shop: the server is down, since 2026-11-23T03:10:02Z (5m)\n"
              "health api: no answer within 10s\n"
              "hold shop: held by ops\n"
              "next: drctl db-recover shop\n"
              "everything: drctl status\n");
}

TEST(ShortStatus, IsOneLineWhereAllIsGood) {
    const StatusItems items{item(State::good, "database", "shop", "x"),
                            item(State::good, "database", "wiki", "x"),
                            item(State::good, "health", "api", "x")};
    EXPECT_EQ(short_status(items, now, Style()), "all good: 2 databases, 1 health check\n");
    EXPECT_EQ(short_status({}, now, Style()), "all good: nothing is configured\n");
}

TEST(HumanStatus, IsOneLineAThingWithWhatFollowsFromIt) {
    EXPECT_EQ(human_status(night(), now, Style(), false),
              "bad      database  shop            the server is down\n"
              "                                   since 2026-11-23T03:10:02Z (5m)\n"
              "                                   next: drctl db-recover shop\n"
              "unknown  health    api             no answer within 10s\n"
              "                                   next: never shown: one thing at a time\n"
              "good     service   app             running\n"
              "notice   hold      shop            held by ops\n"
              "notice   kept      shop__before_x  kept by run x, 1.5 KiB\n"
              "                                   next: drctl runs prune x\n");
}

TEST(HumanStatus, IsQuietAboutWhatIsWell) {
    EXPECT_THAT(human_status(night(), now, Style(), true), testing::Not(testing::HasSubstr("app")));
    EXPECT_EQ(human_status({item(State::good, "service", "app", "x")}, now, Style(), true), "");
}

TEST(HumanStatus, LetsNoTerminalBeMisled) {
    const StatusItems items{item(State::bad, "service", "app", "\x1b[2Jgone")};
    EXPECT_THAT(human_status(items, now, Style(), false), testing::HasSubstr("\\x1b[2Jgone"));
    EXPECT_THAT(short_status(items, now, Style()), testing::HasSubstr("\\x1b[2Jgone"));
}

TEST(StatusAsJson, HasEveryItemAndTheExitCode) {
    const auto body = nlohmann::json::parse(status_as_json(night()));
    EXPECT_EQ(body["schema"], "drctl.status/1");
    EXPECT_EQ(body["exit_code"], 11);
    EXPECT_EQ(body["outcome"], "over-limit");
    ASSERT_EQ(body["items"].size(), 5U);
    EXPECT_EQ(body["items"][0]["since"], "2026-11-23T03:10:02Z");
    EXPECT_EQ(body["items"][4]["bytes"], 1536);
    EXPECT_EQ(nlohmann::json::parse(status_as_json({}))["exit_code"], 0);
}

} // namespace
} // namespace drctl::app::views
