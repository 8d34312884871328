// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include "options.hpp"

namespace drctl::app {

const Commands& Command::children() const {
    static const Commands none;
    return none;
}

void CommandGroup::define(CLI::App& app, CommonOptions& common) {
    add_config_options(app, common);
    add_output_options(app, common);
}

} // namespace drctl::app
