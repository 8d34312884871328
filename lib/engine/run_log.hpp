// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/observer.hpp"
#include "system/clock.hpp"
#include "system/unique_fd.hpp"

#include <filesystem>
#include <memory>

namespace drctl::engine {

/// Where `drctl runs follow` finds the progress of a run, below its directory: one JSON object
/// {"at","phase","done","total","unit"}.
inline constexpr const char* progress_file = "progress.json";

/// A run's own log: `<run>/log` gets every line of narration, `<run>/progress.json` how far the
/// current step has come, so that `drctl runs follow` can attach from any session and nothing is
/// lost when the terminal goes away. A convenience: failures to write it never end a run.
class RunLog {
  public:
    /// Observes on behalf of `terminal` too.
    RunLog(const std::filesystem::path& run_directory, const system::Clock& clock,
           Observer& terminal);
    RunLog(RunLog&&) noexcept;
    RunLog& operator=(RunLog&&) noexcept;
    ~RunLog();

    /// Tells the log and the terminal.
    [[nodiscard]] Observer& observer() noexcept;

  private:
    class LogObserver;
    std::unique_ptr<LogObserver> log_;
    std::unique_ptr<ObserverPair> both_;
};

} // namespace drctl::engine
