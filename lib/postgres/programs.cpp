// SPDX-License-Identifier: Apache-2.0
#include "postgres/programs.hpp"

#include "system/process.hpp"

#include <system_error>

namespace drctl::postgres {
namespace {

std::optional<std::filesystem::path> existing(std::filesystem::path path) {
    std::error_code error;
    return std::filesystem::exists(path, error) ? std::optional(std::move(path)) : std::nullopt;
}

} // namespace

std::optional<std::filesystem::path> find_server_program(const config::Database& database,
                                                         const std::string& major,
                                                         const std::string& name) {
    if (database.bin_dir) {
        return existing(*database.bin_dir / name);
    }
    const std::filesystem::path debian = "/usr/lib/postgresql";
    if (!major.empty()) {
        if (auto program = existing(debian / major / "bin" / name)) {
            return program;
        }
    }
    return system::find_program(name);
}

} // namespace drctl::postgres
