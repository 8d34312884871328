// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/causes.hpp"

#include <string>
#include <string_view>

namespace drctl::postgres {

/// The file that a message of the server names, relative to its data directory; empty: none.
/// Found by the shape of its path alone, because the words and quotes around it are those of the
/// server's language.
[[nodiscard]] std::string data_file_in(std::string_view words);

/// How far the loss of such a file reaches.
[[nodiscard]] DamageScope scope_of_file(std::string_view file);

} // namespace drctl::postgres
