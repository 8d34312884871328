// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/rows.hpp"

#include <algorithm>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace drctl::postgres::dump {
namespace {

constexpr std::size_t none = RowScan::none;

/// Behind the end of the line `\.` that begins at `at`, or none if it is another line.
std::size_t end_of_terminator(std::string_view data, std::size_t at) noexcept {
    const std::string_view line = data.substr(at, 4);
    if (line.substr(0, 3) == "\\.\n") {
        return at + 3;
    }
    return line == "\\.\r\n" ? at + 4 : none;
}

/// Stops at the first byte that needs a closer look: a NUL, or a line end before `\.`.
struct Stretch {
    std::uint64_t line_ends = 0; ///< before `stopped`
    std::size_t stopped = 0;
};

bool needs_look(std::string_view data, std::size_t at) noexcept {
    return data[at] == '\0' || (data[at] == '\n' && data.substr(at + 1, 2) == "\\.");
}

Stretch scan_bytes(std::string_view data, std::size_t from) noexcept {
    Stretch stretch;
    for (stretch.stopped = from; stretch.stopped < data.size(); ++stretch.stopped) {
        if (needs_look(data, stretch.stopped)) {
            break;
        }
        stretch.line_ends += data[stretch.stopped] == '\n' ? 1 : 0;
    }
    return stretch;
}

#if defined(__SSE2__)
__m128i load(const char* from) noexcept {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

std::uint64_t sum_of_bytes(__m128i counts) noexcept {
    const __m128i sums = _mm_sad_epu8(counts, _mm_setzero_si128());
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(sums)) +
           static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums)));
}

/// As scan_bytes(), 16 bytes at a time; what does not fill a vector (with the two bytes that are
/// looked ahead) is left to it.
Stretch scan_vectors(std::string_view data, std::size_t from) noexcept {
    constexpr std::size_t width = sizeof(__m128i);
    constexpr std::size_t look_ahead = 2;
    const __m128i line_end = _mm_set1_epi8('\n');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i dot = _mm_set1_epi8('.');
    const __m128i zero = _mm_setzero_si128();
    Stretch stretch;
    stretch.stopped = from;
    while (stretch.stopped + width + look_ahead <= data.size()) {
        // A byte of `counts` holds up to 255 before it must be summed up.
        const std::size_t vectors =
            std::min<std::size_t>(255, (data.size() - look_ahead - stretch.stopped) / width);
        __m128i counts = zero;
        for (std::size_t i = 0; i < vectors; ++i) {
            const char* const at = data.data() + stretch.stopped;
            const __m128i bytes = load(at);
            const __m128i ends = _mm_cmpeq_epi8(bytes, line_end);
            const __m128i marks =
                _mm_and_si128(_mm_and_si128(ends, _mm_cmpeq_epi8(load(at + 1), backslash)),
                              _mm_cmpeq_epi8(load(at + 2), dot));
            if (_mm_movemask_epi8(_mm_or_si128(marks, _mm_cmpeq_epi8(bytes, zero))) != 0) {
                stretch.line_ends += sum_of_bytes(counts);
                return stretch;
            }
            counts = _mm_sub_epi8(counts, ends);
            stretch.stopped += width;
        }
        stretch.line_ends += sum_of_bytes(counts);
    }
    return stretch;
}
#else
Stretch scan_vectors(std::string_view, std::size_t from) noexcept {
    return {0, from};
}
#endif

} // namespace

RowScan scan_rows(std::string_view data, bool at_row_start) noexcept {
    RowScan scan;
    if (at_row_start && end_of_terminator(data, 0) != none) {
        scan.terminator = 0;
        scan.resume = end_of_terminator(data, 0);
        return scan;
    }
    std::size_t at = 0;
    while (at < data.size()) {
        const Stretch fast = scan_vectors(data, at);
        const Stretch exact = scan_bytes(data, fast.stopped);
        scan.rows += fast.line_ends + exact.line_ends;
        at = exact.stopped;
        if (at == data.size()) {
            break;
        }
        if (data[at] == '\0') {
            scan.nul = at;
            break;
        }
        ++scan.rows;
        ++at;
        if (const std::size_t resume = end_of_terminator(data, at); resume != none) {
            scan.terminator = at;
            scan.resume = resume;
            scan.rows_end = at;
            return scan;
        }
    }
    const void* last = memrchr(data.data(), '\n', at);
    scan.rows_end =
        last ? static_cast<std::size_t>(static_cast<const char*>(last) - data.data()) + 1 : 0;
    return scan;
}

std::uint64_t count_line_ends(std::string_view data) noexcept {
    std::uint64_t count = 0;
    for (std::size_t at = data.find('\n'); at != std::string_view::npos;
         at = data.find('\n', at + 1)) {
        ++count;
    }
    return count;
}

} // namespace drctl::postgres::dump
