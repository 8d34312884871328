// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/schema.hpp"
#include "config/value.hpp"

#include <optional>
#include <string>

namespace drctl::config {

struct Mistake {
    std::string message; ///< follows `'key' in [section]`
    std::string hint;
};

/// What is wrong with a value that was written for `key`, seen by itself: type, form, bounds.
/// Never quotes a value that may be or contain a secret.
std::optional<Mistake> mistake_in(const Value& value, const KeyInfo& key);

} // namespace drctl::config
