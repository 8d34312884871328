// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/document.hpp"
#include "config/problem.hpp"
#include "config/types.hpp"
#include "drctl/export.hpp"

namespace drctl::config {

struct Decoded {
    Config config; ///< what is usable; where a problem is, the default stands
    Problems problems;
};

/// Validates a document against the schema and fills in the typed structs. Finds all mistakes
/// rather than the first; never throws for what the document says.
DRCTL_API Decoded decode(const Document& document);

} // namespace drctl::config
