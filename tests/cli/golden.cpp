// SPDX-License-Identifier: Apache-2.0
#include "golden.hpp"

#include "system/files.hpp"

#include <cstdlib>
#include <gtest/gtest.h>
#include <string_view>

namespace drctl::test {
namespace {

bool accepting() {
    const char* accept = std::getenv("DRCTL_ACCEPT"); // NOLINT(concurrency-mt-unsafe)
    return accept != nullptr && std::string_view(accept) == "1";
}

} // namespace

std::filesystem::path cli_directory() {
    return DRCTL_CLI_TESTS;
}

void expect_golden(const std::filesystem::path& file, const std::string& actual) {
    const auto expected = std::filesystem::exists(file) ? system::read_file(file) : std::string();
    if (accepting() && actual != expected) {
        system::write_file_atomically(file, actual, 0644);
        return;
    }
    EXPECT_EQ(actual, expected) << "DRCTL_ACCEPT=1 writes what was seen to " << file;
}

} // namespace drctl::test
