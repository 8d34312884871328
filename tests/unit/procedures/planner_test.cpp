// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/planner.hpp"

#include "drctl/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::procedures {
namespace {

using testing::HasSubstr;

TEST(Planner, RestoresNothingForARelationThatIsFoundNowhere) {
    backup::Inspection backup;
    backup.candidate.path = "/backups/full.sql";
    backup.outline.relations = {"public.daos"};
    EXPECT_NO_THROW(refuse_misspelt_relation("", backup, "shop"));
    EXPECT_NO_THROW(refuse_misspelt_relation("daos", backup, "shop"));
    try {
        refuse_misspelt_relation("doas", backup, "shop");
        FAIL() << "planned";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::refused);
        EXPECT_THAT(error.message(), HasSubstr("'doas'"));
        EXPECT_THAT(error.hint(), HasSubstr("[[database.shop.verify]]"));
    }
}

} // namespace
} // namespace drctl::procedures
