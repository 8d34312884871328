// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <gtest/gtest.h>
#include <stdexcept>

namespace {

/// Cannot be set up; see main.cpp.
class Suite : public testing::Test {
  public:
    static void SetUpTestSuite() { throw std::runtime_error("as a server that does not start"); }
};

TEST_F(Suite, IsNotRun) {
    std::quick_exit(0);
}

} // namespace
