// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/types.hpp"
#include "drctl/export.hpp"
#include "system/process.hpp"
#include "system/secret.hpp"
#include "system/stop.hpp"

#include <string>

namespace drctl::config {

/// Fetches a secret from where the configuration says it is. One line break at its end is
/// dropped, nothing else.
///
/// Throws Error(usage) where the configuration points nowhere (no such file, an empty one),
/// Error(refused) where this host or session must change first (a file that everyone can read,
/// one that we cannot, a variable that is not set), Error(unreachable) where the command cannot
/// be run or fails, Error(interrupted). No message holds anything that a source has said. From then
/// on `redactor` knows it.
[[nodiscard]] DRCTL_API system::Secret read_secret(const SecretSource& source,
                                                   const system::ProcessRunner& processes,
                                                   system::Redactor& redactor,
                                                   system::StopToken stop);

/// The source in words: `file '/etc/drctl/shop.password'`.
[[nodiscard]] DRCTL_API std::string text_of(const SecretSource& source);

} // namespace drctl::config
