// SPDX-License-Identifier: Apache-2.0
#include "backup/sidecar.hpp"

#include "drctl/error.hpp"
#include "system/files.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/core.h>

namespace drctl::backup {
namespace {

constexpr std::size_t digits_of_sha256 = 64;
constexpr std::uint64_t largest_sidecar = 64 * 1024;

} // namespace

std::optional<std::string> read_sidecar(const std::filesystem::path& file) {
    const auto path = file.string() + ".sha256";
    if (!std::filesystem::exists(path)) {
        return std::nullopt;
    }
    auto text = system::read_file(path, largest_sidecar);
    text.resize(std::min(text.find_first_of(" \t\r\n"), text.size()));
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (text.size() != digits_of_sha256 ||
        text.find_first_not_of("0123456789abcdef") != std::string::npos) {
        throw Error(ErrorCode::damaged, fmt::format("'{}' holds no sha256 digest", path));
    }
    return text;
}

} // namespace drctl::backup
