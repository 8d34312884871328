// SPDX-License-Identifier: Apache-2.0
#include "system/edit_distance.hpp"

#include <gtest/gtest.h>

namespace drctl::system {
namespace {

TEST(EditsBetween, CountsNeighboursInTheWrongOrderAsOne) {
    EXPECT_EQ(edits_between("jobs", "jobs"), 0U);
    EXPECT_EQ(edits_between("jbos", "jobs"), 1U);
    EXPECT_EQ(edits_between("job", "jobs"), 1U);
    EXPECT_EQ(edits_between("jobss", "jobs"), 1U);
    EXPECT_EQ(edits_between("jabs", "jobs"), 1U);
    EXPECT_EQ(edits_between("kitten", "sitting"), 3U);
    EXPECT_EQ(edits_between("", "jobs"), 4U);
    EXPECT_EQ(edits_between("jobs", ""), 4U);
    EXPECT_EQ(edits_between("", ""), 0U);
}

} // namespace
} // namespace drctl::system
