// SPDX-License-Identifier: Apache-2.0
#include "backup/name_time.hpp"

#include "drctl/error.hpp"
#include "system/units.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::backup {
namespace {

std::string read(const std::string& name, const std::string& zone = "UTC") {
    const auto time = time_in_name(name);
    if (!time) {
        return "none";
    }
    const system::SystemProcessRunner processes;
    const auto utc = to_utc({*time}, zone, processes, {}).front();
    return utc ? system::format_rfc3339(*utc) : "never";
}

TEST(NameTime, ReadsTheUsualForms) {
    EXPECT_EQ(read("full_backup_2026-11-23.sql.gz"), "2026-11-23T00:00:00Z");
    EXPECT_EQ(read("full_backup_20261123_020004.sql.gz"), "2026-11-23T02:00:04Z");
    EXPECT_EQ(read("shop-20261123T0200.dump"), "2026-11-23T02:00:00Z");
    EXPECT_EQ(read("shop.2026-11-23-02-00-04.sql"), "2026-11-23T02:00:04Z");
    EXPECT_EQ(read("2026_11_23 02:00.sql"), "2026-11-23T02:00:00Z");
}

TEST(NameTime, DoesNotReadWhatIsNoDate) {
    EXPECT_EQ(read("full_backup.sql.gz"), "none");
    EXPECT_EQ(read("dump_1234567890.sql"), "none");
    EXPECT_EQ(read("full_backup_20261323.sql"), "none");
    EXPECT_EQ(read("full_backup_20260231.sql"), "none");
    EXPECT_EQ(read("20261123999.sql"), "none");
}

TEST(NameTime, ReadsInTheConfiguredZoneUnlessItSaysUtc) {
    EXPECT_EQ(read("b_20261123_020000.sql", "Europe/Berlin"), "2026-11-23T01:00:00Z");
    EXPECT_EQ(read("b_20260723_020000.sql", "Europe/Berlin"), "2026-07-23T00:00:00Z");
    EXPECT_EQ(read("b_20261123T020000Z.sql", "Europe/Berlin"), "2026-11-23T02:00:00Z");
}

TEST(NameTime, BelievesTheZoneThatTheNameSays) {
    EXPECT_EQ(read("shop_2026-11-23T03:15:02-0500.sql.gz"), "2026-11-23T08:15:02Z");
    EXPECT_EQ(read("shop_2026-11-23T03:15:02-05:00.sql.gz"), "2026-11-23T08:15:02Z");
    EXPECT_EQ(read("shop_2026-11-23T03:15+05:30.sql.gz"), "2026-11-22T21:45:00Z");
    EXPECT_EQ(read("shop_20261123_031502+01:00.sql", "Asia/Tokyo"), "2026-11-23T02:15:02Z");
    EXPECT_EQ(read("shop_20261123T0315-0500.sql"), "2026-11-23T08:15:00Z");
    EXPECT_EQ(read("shop_20261123T0315Z.sql", "Asia/Tokyo"), "2026-11-23T03:15:00Z");
    // What cannot be a zone is none, and a date alone has none.
    EXPECT_EQ(read("shop_20261123_031502-9999.sql"), "2026-11-23T03:15:02Z");
    EXPECT_EQ(read("shop_20261123_031502-1234.sql"), "2026-11-23T03:15:02Z") << "a process's id";
    EXPECT_EQ(read("shop-20261123-0315-0100.sql"), "2026-11-23T03:15:00Z");
    EXPECT_EQ(read("shop_20261123-0315.sql"), "2026-11-23T03:15:00Z");
}

TEST(NameTime, MovesWhatTheClocksLeftOutBehindTheGap) {
    EXPECT_EQ(read("b_20260329_023000.sql", "Europe/Berlin"), "2026-03-29T01:30:00Z");
    EXPECT_EQ(read("b_20260906.sql", "America/Santiago"), "2026-09-06T04:00:00Z");
    // Samoa left out the whole day.
    EXPECT_EQ(read("b_20111230_120000.sql", "Pacific/Apia"), "never");
}

TEST(NameTime, ATimeThatDoesNotExistCostsTheOthersNothing) {
    const system::SystemProcessRunner processes;
    std::vector<NameTime> times;
    for (const auto* name : {"b_20260328_023000.sql", "b_20260329_023000.sql",
                             "b_20260329_023000Z.sql", "b_20260330_023000.sql"}) {
        times.push_back(*time_in_name(name));
    }
    std::vector<std::string> found;
    for (const auto& utc : to_utc(times, "Europe/Berlin", processes, {})) {
        found.push_back(system::format_rfc3339(utc.value()));
    }
    EXPECT_THAT(found, testing::ElementsAre("2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z",
                                            "2026-03-29T02:30:00Z", "2026-03-30T00:30:00Z"));
}

TEST(NameTime, RefusesAZoneThatDoesNotExist) {
    EXPECT_THROW(read("b_20261123.sql", "Europe/Atlantis"), Error);
    EXPECT_THROW(read("b_20261123.sql", "../../etc/passwd"), Error);
    EXPECT_THROW(read("b_20261123.sql", ""), Error);
}

} // namespace
} // namespace drctl::backup
