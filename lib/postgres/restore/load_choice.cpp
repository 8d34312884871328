// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/load_choice.hpp"

#include <algorithm>

namespace drctl::postgres::restore {
namespace {

/// Below it a TRUNCATE costs more than frozen rows save.
constexpr std::uint64_t least_frozen = std::uint64_t{256} << 10;
/// Below it there is not a chunk for every session.
constexpr std::uint64_t least_split = std::uint64_t{64} << 20;
/// What rows that are not frozen cost later, compared with loading them.
constexpr double unfrozen_cost = 0.35;

} // namespace

LoadMode choose_load(const LoadQuestion& question) noexcept {
    const auto bytes = static_cast<double>(question.bytes);
    const double idle = std::max(0.0, (question.jobs - 1) * bytes - question.pending_builds);
    if (question.jobs > 1 && question.bytes >= least_split &&
        (!question.fresh || idle > unfrozen_cost * bytes)) {
        return LoadMode::split;
    }
    return question.fresh && question.bytes >= least_frozen ? LoadMode::frozen : LoadMode::whole;
}

} // namespace drctl::postgres::restore
