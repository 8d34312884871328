// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/clock.hpp"
#include "system/http.hpp"
#include "system/process.hpp"
#include "system/secret.hpp"

#include <filesystem>

namespace drctl::procedures {

/// The parts of the world that procedures act through. The composition root owns them.
struct Toolbox {
    const system::ProcessRunner* processes;
    system::HttpClient* http;
    const system::Clock* clock;
    std::filesystem::path state_directory;
    system::Redactor* redactor; ///< knows every secret that was read
};

} // namespace drctl::procedures
