// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace drctl::postgres {

/// The text with every byte that is not UTF-8 as `?`. A server whose encoding is SQL_ASCII, and a
/// session that speaks a dump's encoding, name things in bytes that no report may hold.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace drctl::postgres
