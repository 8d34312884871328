// SPDX-License-Identifier: Apache-2.0
#include "system/tail.hpp"

#include <gtest/gtest.h>

namespace drctl::system {
namespace {

TEST(Tail, KeepsTheLastBytes) {
    Tail tail(4);
    tail.append("ab");
    tail.append("cdef");
    tail.append("ghijklmn");
    tail.append("o");
    EXPECT_EQ(tail.take(), "lmno");
    EXPECT_EQ(tail.take(), "");
}

TEST(Tail, KeepsNothingWhenAskedTo) {
    Tail tail(0);
    tail.append("abc");
    EXPECT_EQ(tail.take(), "");
}

} // namespace
} // namespace drctl::system
