// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace drctl::postgres::restore {

/// How the rows of one COPY block get in.
enum class LoadMode {
    in_order, ///< by the main session, with nothing else going on: as psql does it
    whole,    ///< by one session
    frozen,   ///< by one session in one transaction with TRUNCATE: rows are born frozen
    split,    ///< in chunks, by as many sessions as are free
};

struct LoadQuestion {
    bool fresh = false;        ///< the table may be truncated first
    std::uint64_t bytes = 0;   ///< of the block
    unsigned jobs = 1;         ///< sessions
    double pending_builds = 0; ///< work on indexes that could be done meanwhile, in bytes of COPY
};

/// Frozen rows save work later: no hint bits to set by whoever reads first, no VACUUM, and foreign
/// keys can be checked by index-only scans. But one session is as fast as one core. So a large
/// table is split where the other sessions would have nothing to do for longer than that saves.
[[nodiscard]] LoadMode choose_load(const LoadQuestion& question) noexcept;

} // namespace drctl::postgres::restore
