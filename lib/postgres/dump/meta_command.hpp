// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace drctl::postgres::dump {

/// A command to psql that pg_dump writes.
struct MetaCommand {
    enum class Kind { connect, restrict_command, unrestrict } kind;
    std::string argument; ///< the database, unquoted; or the key
};

/// Reads a line that begins with a backslash, as psql would. Throws Error(refused) for any other
/// command, for one with arguments that pg_dump never writes, and for a second command behind it.
MetaCommand parse_meta_command(std::string_view text, std::uint64_t line);

/// The error for a backslash where psql would take a command from.
[[noreturn]] void refuse_meta_command(std::string_view text, std::uint64_t line);

} // namespace drctl::postgres::dump
