// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"
#include "drctl/export.hpp"
#include "system/unique_fd.hpp"

#include <filesystem>
#include <string_view>

namespace drctl::engine {

/// The group whose members may look (`--plan`, `status`, `runs`) without being root.
inline constexpr const char* readers_group = "drctl";

/// Makes a directory below the state directory. Where that one is new too it is given to the
/// group `drctl`, if there is one, and whatever is made in it later belongs to that group. Throws
/// Error(refused) for one who may not.
DRCTL_API void make_state_directory(const std::filesystem::path& directory);

/// Makes one directory that must not be there yet; false if it is. Its parent must be there.
[[nodiscard]] bool make_new_directory(const std::filesystem::path& directory);

/// Opens a file, or makes it so that the group may read it, whatever the umask. Empty where that
/// fails, with errno set.
[[nodiscard]] system::UniqueFd open_for_readers(const std::filesystem::path& path, int flags);

/// Somebody who may not do that below the state directory, and what to type instead.
[[nodiscard]] Error no_access(std::string_view what, const std::filesystem::path& path);

} // namespace drctl::engine
