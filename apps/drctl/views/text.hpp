// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/printable.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace drctl::app::views {

using system::printable;

/// Columns a UTF-8 text takes, one for each code point.
[[nodiscard]] std::size_t width_of(std::string_view text) noexcept;

/// The first columns of a text without escape sequences.
[[nodiscard]] std::string cut(std::string_view text, std::size_t columns);

/// Breaks running text at blanks into lines of at most `width` columns; a longer word stays whole.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// wrap(), every line after the first indented, as one string without a final line feed.
[[nodiscard]] std::string wrap_indented(std::string_view text, std::size_t indent,
                                        std::size_t width);

/// Rows of cells: columns as wide as their widest cell, two blanks apart, no blanks at line
/// ends. Cells may be painted: colours take no columns.
[[nodiscard]] std::string table(const std::vector<std::vector<std::string>>& rows,
                                std::size_t indent = 0);

} // namespace drctl::app::views
