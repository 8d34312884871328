// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

namespace drctl::app {

const Commands& Command::children() const {
    static const Commands none;
    return none;
}

} // namespace drctl::app
