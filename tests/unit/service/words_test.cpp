// SPDX-License-Identifier: Apache-2.0
#include "service/words.hpp"

#include <gtest/gtest.h>

namespace drctl::service {
namespace {

TEST(LastLineAfterColon, IsNothingWhereNothingWasSaid) {
    system::ProcessResult result;
    EXPECT_EQ(last_line_after_colon(result), "");
    result.out = "out\n";
    EXPECT_EQ(last_line_after_colon(result), ": out");
}

} // namespace
} // namespace drctl::service
