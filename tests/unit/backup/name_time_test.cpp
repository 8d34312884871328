// SPDX-License-Identifier: Apache-2.0
#include "backup/name_time.hpp"

#include "drctl/error.hpp"
#include "system/units.hpp"

#include <gtest/gtest.h>

namespace drctl::backup {
namespace {

std::string read(const std::string& name, const std::string& zone = "UTC") {
    const auto time = time_in_name(name);
    if (!time) {
        return "none";
    }
    const system::SystemProcessRunner processes;
    return system::format_rfc3339(to_utc({*time}, zone, processes, {}).front());
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

TEST(NameTime, RefusesAZoneThatDoesNotExist) {
    EXPECT_THROW(read("b_20261123.sql", "Europe/Atlantis"), Error);
    EXPECT_THROW(read("b_20261123.sql", "../../etc/passwd"), Error);
    EXPECT_THROW(read("b_20261123.sql", ""), Error);
}

} // namespace
} // namespace drctl::backup
