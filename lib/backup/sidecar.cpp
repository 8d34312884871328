// SPDX-License-Identifier: Apache-2.0
#include "backup/sidecar.hpp"

#include "drctl/error.hpp"
#include "system/files.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/core.h>
#include <string_view>
#include <system_error>

namespace drctl::backup {
namespace {

constexpr std::size_t digits_of_sha256 = 64;
constexpr std::uint64_t largest_sidecar = 64 * 1024;

/// False also where its name would be too long to exist.
bool is_there(const std::string& path) {
    std::error_code error;
    const bool found = std::filesystem::exists(path, error);
    if (error && error != std::errc::filename_too_long) {
        throw Error(ErrorCode::failed,
                    fmt::format("cannot look for '{}': {}", path, error.message()));
    }
    return found;
}

/// The first word of the first line; of the BSD form the last one.
std::string digest_word(std::string text) {
    text.resize(std::min(text.find_first_of("\r\n"), text.size()));
    constexpr std::string_view between = ") = ";
    const auto at = text.rfind(between);
    if (text.starts_with("SHA256 (") && at != std::string::npos) {
        return text.substr(at + between.size());
    }
    if (text.starts_with('\\')) {
        text.erase(0, 1); // the name behind it has escapes
    }
    return text.substr(0, text.find_first_of(" \t"));
}

} // namespace

std::optional<std::string> read_sidecar(const std::filesystem::path& file) {
    const auto path = file.string() + ".sha256";
    if (!is_there(path)) {
        return std::nullopt;
    }
    auto text = digest_word(system::read_file(path, largest_sidecar));
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (text.size() != digits_of_sha256 ||
        text.find_first_not_of("0123456789abcdef") != std::string::npos) {
        throw Error(ErrorCode::damaged, fmt::format("'{}' holds no sha256 digest", path));
    }
    return text;
}

} // namespace drctl::backup
