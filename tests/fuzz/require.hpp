// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <iostream>

namespace drctl::fuzz {

/// Ends the process, as a fuzzer wants it, where what must hold of every input does not.
inline void require(bool holds, const char* what) {
    if (!holds) {
        std::cerr << "does not hold: " << what << "\n";
        std::abort();
    }
}

} // namespace drctl::fuzz
