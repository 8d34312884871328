// SPDX-License-Identifier: Apache-2.0
#include "postgres/target.hpp"

#include "drctl/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace drctl::postgres {
namespace {

TEST(Target, KeepsThePasswordApartFromTheConninfo) {
    config::Database database;
    database.connection = "host=/run user=postgres";
    database.dbname = "dao";
    const auto target = target_of(database, system::Secret("hunter22"));
    EXPECT_EQ(target.conninfo, "host=/run user=postgres");
    EXPECT_EQ(target.with_dbname("postgres").dbname, "postgres");
    EXPECT_EQ(target.with_dbname("postgres").password.reveal(), "hunter22");
}

TEST(ParseConninfo, TakesKeywordsAndUris) {
    const Keywords expected{{"user", "u"}, {"host", "h"}, {"port", "1"}};
    auto sorted = [](Keywords keywords) {
        std::sort(keywords.begin(), keywords.end());
        return keywords;
    };
    EXPECT_EQ(sorted(parse_conninfo("host=h port=1 user=u")), sorted(expected));
    EXPECT_EQ(sorted(parse_conninfo("postgresql://u@h:1")), sorted(expected));
}

TEST(ParseConninfo, NeverQuotesWhatMayBeAPassword) {
    try {
        static_cast<void>(parse_conninfo("host=h password=hunter 22"));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::usage);
        EXPECT_EQ(error.message().find("22"), std::string::npos) << error.message();
    }
    try {
        static_cast<void>(parse_conninfo("hots=h"));
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(error.message().find("hots"), std::string::npos) << error.message();
    }
}

TEST(Endpoints, PairsHostsWithPortsAndFillsInDefaults) {
    const auto several = endpoints_of("host=a,/run port=1,2");
    ASSERT_EQ(several.size(), 2U);
    EXPECT_EQ(several[0].text(), "a:1");
    EXPECT_EQ(several[1].text(), "/run/.s.PGSQL.2");
    const auto shared = endpoints_of("host=a,b port=7");
    ASSERT_EQ(shared.size(), 2U);
    EXPECT_EQ(shared[1].text(), "b:7");
    EXPECT_EQ(endpoints_of("host=a hostaddr=10.0.0.1 port=1").front().text(), "10.0.0.1:1");
}

TEST(IsLocal, IsTrueForSocketsLoopbackAndOwnAddresses) {
    EXPECT_TRUE(is_local("host=/var/run/postgresql"));
    EXPECT_TRUE(is_local("host=127.0.0.1"));
    EXPECT_TRUE(is_local("host=127.8.8.8"));
    EXPECT_TRUE(is_local("host=::1"));
    EXPECT_TRUE(is_local("host=localhost,/run"));
}

TEST(IsLocal, IsFalseForOthersAndForWhatDoesNotResolve) {
    EXPECT_FALSE(is_local("host=192.0.2.1"));
    EXPECT_FALSE(is_local("host=2001:db8::1"));
    EXPECT_FALSE(is_local("host=127.0.0.1,192.0.2.1"));
    EXPECT_FALSE(is_local("host=host.invalid"));
}

} // namespace
} // namespace drctl::postgres
