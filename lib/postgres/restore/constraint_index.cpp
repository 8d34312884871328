// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/constraint_index.hpp"

#include <fmt/core.h>
#include <string_view>

namespace drctl::postgres::restore {
namespace {

/// Columns and nothing else: no INCLUDE, no WITH, no WITHOUT OVERLAPS, no name that needs a parser.
bool is_list_of_columns(std::string_view list) {
    return !list.empty() && list.find_first_of("()\"") == std::string_view::npos &&
           list.find(" WITHOUT ") == std::string_view::npos;
}

} // namespace

std::optional<IndexFirst> index_first(const dump::EarlyStatement& constraint) {
    const auto before = fmt::format("ALTER TABLE ONLY {}\n    ADD CONSTRAINT {} ", constraint.table,
                                    constraint.object);
    std::string_view rest = constraint.text;
    if (!rest.starts_with(before) || !rest.ends_with(");")) {
        return std::nullopt;
    }
    rest.remove_prefix(before.size());
    rest.remove_suffix(2);
    for (const std::string_view kind : {"PRIMARY KEY", "UNIQUE"}) {
        const auto head = fmt::format("{} (", kind);
        if (rest.starts_with(head) && is_list_of_columns(rest.substr(head.size()))) {
            return IndexFirst{fmt::format("CREATE UNIQUE INDEX {} ON {} USING btree ({});",
                                          constraint.object, constraint.table,
                                          rest.substr(head.size())),
                              fmt::format("{}{} USING INDEX {};", before, kind, constraint.object)};
        }
    }
    return std::nullopt;
}

} // namespace drctl::postgres::restore
