// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/units.hpp"

#include <string>
#include <utility>
#include <vector>

namespace drctl::postgres::restore {

/// How many sessions work, and with what.
struct Tuning {
    unsigned jobs = 1;
    system::ByteSize sort_memory; ///< of each, for sorting and hashing
};

/// `jobs` 0: one per core; `memory` 0: a quarter of `machine`. What one session gets stays within
/// what helps: larger sorts only get slower, by cache misses (measured with 16 MiB to 1 GiB).
[[nodiscard]] Tuning tuning_for(unsigned jobs, unsigned cores, system::ByteSize memory,
                                system::ByteSize machine);

[[nodiscard]] unsigned cores_of_this_machine();
[[nodiscard]] system::ByteSize memory_of_this_machine();

/// Parameters of a session that loads and builds, and their values.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parameters_of(const Tuning& tuning);

} // namespace drctl::postgres::restore
