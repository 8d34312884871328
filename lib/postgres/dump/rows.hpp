// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace drctl::postgres::dump {

/// What a stretch of COPY data holds, up to the line `\.` if that is in it.
struct RowScan {
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    std::uint64_t rows = 0;        ///< line ends
    std::size_t rows_end = 0;      ///< behind the last line end
    std::size_t terminator = none; ///< offset of the line `\.`
    std::size_t resume = none;     ///< behind that line's end
    std::size_t nul = none;        ///< offset of a NUL byte, which no encoding's text has
};

/// Reads memory once at several GB/s. `at_row_start`: the first byte begins a line.
/// A line `\.` whose end is not in `data` yet is not counted as anything.
RowScan scan_rows(std::string_view data, bool at_row_start) noexcept;

std::uint64_t count_line_ends(std::string_view data) noexcept;

} // namespace drctl::postgres::dump
