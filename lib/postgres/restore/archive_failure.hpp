// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"
#include "system/process.hpp"

#include <filesystem>
#include <string>

namespace drctl::postgres::restore {

/// Why pg_restore failed, from what it printed: the entry of the archive and the server's primary
/// message. What may be row data or part of a statement is left out: DETAIL, CONTEXT, `Command
/// was`, and whatever the message quotes.
[[nodiscard]] Error archive_failure(const std::filesystem::path& archive,
                                    const system::ProcessResult& result);

} // namespace drctl::postgres::restore
