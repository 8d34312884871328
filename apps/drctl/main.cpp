// SPDX-License-Identifier: Apache-2.0
#include "drctl/error.hpp"

#include <fmt/core.h>

int main() {
    fmt::print("drctl {}\n", drctl::version());
    return 0;
}
