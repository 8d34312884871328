// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/lock.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres::restore {
namespace {

/// The manual's table, a line per mode from ACCESS SHARE down.
constexpr std::array<std::string_view, 8> manual{
    ".......X", //
    "......XX", //
    "....XXXX", //
    "...XXXXX", //
    "..XX.XXX", //
    "..XXXXXX", //
    ".XXXXXXX", //
    "XXXXXXXX", //
};

TEST(LockMode, ConflictsAreThoseOfTheManual) {
    for (std::size_t row = 0; row < manual.size(); ++row) {
        for (std::size_t column = 0; column < manual.size(); ++column) {
            EXPECT_EQ(conflict(static_cast<LockMode>(row), static_cast<LockMode>(column)),
                      manual.at(row).at(column) == 'X')
                << row << ", " << column;
        }
    }
}

TEST(LockMode, ConflictsAreSymmetric) {
    for (int one = 0; one < 8; ++one) {
        for (int other = 0; other < 8; ++other) {
            EXPECT_EQ(conflict(static_cast<LockMode>(one), static_cast<LockMode>(other)),
                      conflict(static_cast<LockMode>(other), static_cast<LockMode>(one)));
        }
    }
}

} // namespace
} // namespace drctl::postgres::restore
