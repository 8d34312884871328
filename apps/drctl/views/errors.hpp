// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"
#include "drctl/outcome.hpp"
#include "views/console.hpp"

#include <string_view>

namespace drctl::app::views {

/// An error that ended a command, for people: what happened, and what to type next. On stderr.
void show_error(Console& console, const Error& error);

/// The same as the report that `--json` promises: one object on stdout. `command` is what ran
/// ("db-recover"), or empty if that is not known.
void show_error_as_json(Console& console, const Error& error, std::string_view command,
                        Outcome outcome, ExitCode code);

} // namespace drctl::app::views
