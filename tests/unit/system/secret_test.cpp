// SPDX-License-Identifier: Apache-2.0
#include "system/secret.hpp"

#include <gtest/gtest.h>

namespace drctl::system {
namespace {

TEST(Redactor, ReplacesEverySecretInPassingText) {
    Redactor redactor;
    redactor.add(Secret("hunter22"));
    redactor.add(Secret("hunter22-longer"));
    EXPECT_EQ(redactor.redact("hunter22 and hunter22-longer"), "[redacted] and [redacted]");
}

TEST(Redactor, LeavesShortValuesAloneBecauseTheyAreInEverything) {
    Redactor redactor;
    redactor.add(Secret("abc"));
    EXPECT_EQ(redactor.redact("abcdef"), "abcdef");
}

} // namespace
} // namespace drctl::system
