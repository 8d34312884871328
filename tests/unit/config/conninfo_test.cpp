// SPDX-License-Identifier: Apache-2.0
#include "config/conninfo.hpp"

#include <gmock/gmock.h>

namespace drctl::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

TEST(ConninfoKeywords, ReadsWhatLibpqReads) {
    EXPECT_THAT(conninfo_keywords(""), Optional(IsEmpty()));
    EXPECT_THAT(conninfo_keywords(" host = /tmp\tport=5432 "),
                Optional(ElementsAre("host", "port")));
    EXPECT_THAT(conninfo_keywords(R"(options='-c a=b \' dbname=x' user=u)"),
                Optional(ElementsAre("options", "user")));
    EXPECT_THAT(conninfo_keywords(R"(user=a\ b\\ host=)"), Optional(ElementsAre("user", "host")));
}

TEST(ConninfoKeywords, RefusesWhatLibpqRefuses) {
    for (const auto* text : {"host", "host /tmp", "=x", "user='open", "user='open\\'", "a b=c"}) {
        EXPECT_EQ(conninfo_keywords(text), std::nullopt) << text;
    }
}

} // namespace
} // namespace drctl::config
