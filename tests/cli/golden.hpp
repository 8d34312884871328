// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace drctl::test {

/// The directory of these tests in the source tree.
[[nodiscard]] std::filesystem::path cli_directory();

/// Expects the file to say exactly `actual`. With DRCTL_ACCEPT=1 the file is written instead:
/// read the difference before committing it.
void expect_golden(const std::filesystem::path& file, const std::string& actual);

} // namespace drctl::test
