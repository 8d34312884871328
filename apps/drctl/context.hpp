// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/outcome.hpp"
#include "options.hpp"
#include "system/clock.hpp"
#include "system/http.hpp"
#include "system/process.hpp"
#include "system/secret.hpp"
#include "system/stop.hpp"
#include "views/console.hpp"

#include <functional>
#include <string>
#include <vector>

namespace drctl::system {
class SignalWatcher;
}

namespace drctl::app {

struct CommandNode;

/// What a command works with. Everything of the outside world is in here, put together in main.
struct Context {
    const CommonOptions& options;
    const CommandNode& commands;
    const std::vector<std::string>& argv;
    views::Console& console;
    const system::Clock& clock;
    const system::ProcessRunner& processes;
    system::HttpClient& http;
    system::Redactor& redactor;
    system::StopSource& stop;
    system::SignalWatcher& signals;
    /// Runs another command line in this process, as if it had been typed ("drctl" first).
    std::function<ExitCode(const std::vector<std::string>&)> invoke;
};

} // namespace drctl::app
