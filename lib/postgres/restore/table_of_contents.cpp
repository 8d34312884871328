// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/table_of_contents.hpp"

#include <algorithm>

namespace drctl::postgres::restore {
namespace {

/// What stands behind `3290; 3466 16390 ` (entry; catalogue and object).
std::string_view entry_of(std::string_view line) {
    const auto semicolon = line.find("; ");
    if (semicolon == std::string_view::npos) {
        return {};
    }
    line.remove_prefix(semicolon + 2);
    for (int number = 0; number < 2; ++number) {
        line.remove_prefix(std::min(line.size(), line.find(' ') + 1));
    }
    return line;
}

bool is_about_event_trigger(std::string_view entry) {
    return entry.starts_with("EVENT TRIGGER ") || entry.starts_with("COMMENT - EVENT TRIGGER ") ||
           entry.starts_with("SECURITY LABEL - EVENT TRIGGER ");
}

} // namespace

TableOfContents divide_contents(std::string_view listing) {
    TableOfContents contents;
    while (!listing.empty()) {
        const auto line = listing.substr(0, listing.find('\n'));
        listing.remove_prefix(std::min(listing.size(), line.size() + 1));
        if (line.empty() || line.front() == ';') {
            continue;
        }
        auto& part =
            is_about_event_trigger(entry_of(line)) ? contents.event_triggers : contents.main;
        part += line;
        part += '\n';
    }
    return contents;
}

} // namespace drctl::postgres::restore
