// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace drctl::postgres::dump {

/// A name as the catalogues hold it: unquoted, folded where it was not quoted.
struct Name {
    std::string schema; ///< empty: not qualified
    std::string name;
};

/// `public."My Table"` -> {public, My Table}; nothing for what is no name of one or two parts.
std::optional<Name> parse_name(std::string_view written);

/// One part of a name as the catalogues hold it: quotes removed, or folded to lower case.
std::string unquote_identifier(std::string_view written);

/// ASCII letters only, as key words and unquoted names are compared.
std::string lower(std::string_view text);
std::string upper(std::string_view text);

/// `"My ""Table"""`: always quoted, so that no word is ever a key word.
std::string quote_identifier(std::string_view name);

} // namespace drctl::postgres::dump
