// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/document.hpp"
#include "config/problem.hpp"
#include "config/schema.hpp"

#include <set>
#include <string>
#include <string_view>

namespace drctl::config {

/// One section as it stands in a document.
struct SectionAt {
    const SectionInfo& info;
    KeyPath path;     ///< `database`, `shop`, `backups`
    std::string name; ///< `shop`; empty for a single one
    const Table& table;
    Origin origin;

    /// `[database.shop.backups]`.
    [[nodiscard]] std::string header() const;
};

/// Finds every mistake in a section by itself and in the names it gives: unknown and missing keys,
/// wrong values, keys that exclude each other or mean nothing here, names of sections that
/// `document` does not have. Returns the keys that are there and usable.
std::set<std::string_view> check_section(const SectionAt& section, const Document& document,
                                         Problems& problems);

/// `text` with the candidates behind it: `did you mean 'x'? Known keys: x, y`.
std::string suggestion(std::string_view word, std::string_view what,
                       const std::vector<std::string>& candidates);

} // namespace drctl::config
