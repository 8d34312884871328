// SPDX-License-Identifier: Apache-2.0
#include "postgres/data_file.hpp"

#include <regex>

namespace drctl::postgres {
namespace {

/// The server writes these paths relative to its data directory; one that only ends so
/// (`/srv/base/5/1259`) is of something else.
const std::regex& data_file_pattern() {
    static const std::regex pattern("(?:^|[^A-Za-z0-9_./-])("
                                    "(?:base/[0-9]+"
                                    "|global/(?:[0-9]+|pg_)"
                                    "|pg_tblspc/[0-9]+/PG_[0-9]+_[0-9]+/[0-9]+"
                                    "|pg_xact/[0-9A-F]+)"
                                    "(?:[A-Za-z0-9_./-]*[A-Za-z0-9])?)");
    return pattern;
}

} // namespace

std::string data_file_in(std::string_view words) {
    std::match_results<std::string_view::const_iterator> match;
    return std::regex_search(words.begin(), words.end(), match, data_file_pattern()) ? match.str(1)
                                                                                     : "";
}

DamageScope scope_of_file(std::string_view file) {
    if (file.starts_with("base/") || file.starts_with("pg_tblspc/")) {
        return DamageScope::database;
    }
    return file.empty() ? DamageScope::none : DamageScope::cluster;
}

} // namespace drctl::postgres
