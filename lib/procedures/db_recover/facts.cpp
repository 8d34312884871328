// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/facts.hpp"

#include <charconv>

namespace drctl::procedures {

std::optional<postgres::Oid> oid_of(const engine::Facts& facts, const char* key) {
    const auto text = facts.get(key).value_or("");
    postgres::Oid oid = 0;
    std::from_chars(text.data(), text.data() + text.size(), oid);
    return oid == 0 ? std::nullopt : std::optional(oid);
}

} // namespace drctl::procedures
