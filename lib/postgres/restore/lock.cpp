// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/lock.hpp"

#include <array>
#include <cstddef>

namespace drctl::postgres::restore {
namespace {

using enum LockMode;

constexpr unsigned bit(LockMode mode) noexcept {
    return 1U << static_cast<unsigned>(mode);
}

template <typename... Modes>
constexpr unsigned bits(Modes... modes) noexcept {
    return (bit(modes) | ...);
}

constexpr std::array<unsigned, 8> conflicts{
    bits(access_exclusive),
    bits(exclusive, access_exclusive),
    bits(share, share_row_exclusive, exclusive, access_exclusive),
    bits(share_update_exclusive, share, share_row_exclusive, exclusive, access_exclusive),
    bits(row_exclusive, share_update_exclusive, share_row_exclusive, exclusive, access_exclusive),
    bits(row_exclusive, share_update_exclusive, share, share_row_exclusive, exclusive,
         access_exclusive),
    bits(row_share, row_exclusive, share_update_exclusive, share, share_row_exclusive, exclusive,
         access_exclusive),
    bits(access_share, row_share, row_exclusive, share_update_exclusive, share, share_row_exclusive,
         exclusive, access_exclusive),
};

} // namespace

bool conflict(LockMode one, LockMode other) noexcept {
    return (conflicts.at(static_cast<std::size_t>(one)) & bit(other)) != 0;
}

} // namespace drctl::postgres::restore
