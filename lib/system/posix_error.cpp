// SPDX-License-Identifier: Apache-2.0
#include "system/posix_error.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/core.h>

namespace drctl::system {
namespace {

std::string hint_for(const std::filesystem::path& path, int error) {
    const auto name = path.string();
    switch (error) {
    case ENOSPC:
        return fmt::format("free some space there: 'df -h {0}' and 'df -i {0}' show what is left",
                           path.parent_path().string());
    case EDQUOT:
        return "the owner's disk quota is used up: 'quota -s' shows it";
    case EACCES:
    case EPERM:
        return fmt::format("'namei -l {}' shows who may use it; as another user or by sudo it may "
                           "work",
                           name);
    case EROFS:
        return fmt::format("the file system is mounted read-only: 'findmnt -T {}' shows it",
                           path.parent_path().string());
    case EIO:
        return "the disk reports errors: 'dmesg | tail' shows them";
    case EMFILE:
    case ENFILE:
        return "too many files are open: 'ulimit -n' shows the limit";
    default:
        return {};
    }
}

} // namespace

std::string_view errno_name(int error) noexcept {
    const char* name = ::strerrorname_np(error);
    return name == nullptr ? "unknown" : name;
}

std::string_view errno_text(int error) noexcept {
    const char* text = ::strerrordesc_np(error);
    return text == nullptr ? "unknown error" : text;
}

Error posix_error(ErrorCode code, std::string_view what, const std::filesystem::path& path,
                  int error) {
    return Error(code, fmt::format("cannot {} '{}': {}", what, path.string(), errno_text(error)),
                 hint_for(path, error))
        .with("errno", std::string(errno_name(error)));
}

Error posix_error(ErrorCode code, std::string_view what, int error) {
    return Error(code, fmt::format("cannot {}: {}", what, errno_text(error)))
        .with("errno", std::string(errno_name(error)));
}

} // namespace drctl::system
