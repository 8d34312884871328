// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/cursor.hpp"

#include <string>

namespace drctl::postgres::dump {

/// `table`, `materialized view`: the type of object that comes next, stepped over, in lower case;
/// empty if no word is next.
std::string object_type(Cursor& cursor);

} // namespace drctl::postgres::dump
