// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/value.hpp"

#include <string>
#include <string_view>

/// TOML 1.0 text to values, by toml++. Its headers cost seconds of compile time: they are included
/// in toml_text.cpp and nowhere else.
namespace drctl::config {

/// A whole file; `name` is what origins and errors call it. Throws Error(usage) with
/// `name:line:column` for text that is not TOML (also: not UTF-8, a key twice).
Table parse_toml(std::string_view text, const std::string& name);

/// A dotted key with TOML's quoting. Throws Error(usage).
KeyPath parse_key(std::string_view text);

/// A value as TOML writes it; the text itself, as a string, where it is not one.
Value parse_value(std::string_view text, const Origin& origin);

} // namespace drctl::config
