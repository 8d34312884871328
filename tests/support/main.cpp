// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <gtest/gtest.h>

/// As GoogleTest's own, but for suites that could not be set up: GoogleTest says SKIPPED of their
/// tests, and ctest takes that for a skip whatever the exit status is. It does believe a signal.
int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    const int status = RUN_ALL_TESTS();
    if (status != 0 && testing::UnitTest::GetInstance()->failed_test_count() == 0) {
        std::abort();
    }
    return status;
}
