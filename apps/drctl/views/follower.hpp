// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/facts.hpp"
#include "system/clock.hpp"
#include "system/unique_fd.hpp"
#include "views/console.hpp"
#include "views/progress.hpp"

#include <filesystem>
#include <optional>

namespace drctl::app::views {

/// Shows what another process says of its run: the lines of its log as they come, and below them
/// one line of progress; where there is no terminal such a line every half minute.
class Follower {
  public:
    Follower(Console& console, const system::Clock& clock, std::filesystem::path run_directory);

    /// What is new since the last call. `facts` are the run's, for the outage so far.
    void show_news(const engine::Facts& facts);
    /// Takes the progress line away.
    void finish();

  private:
    void show_log();
    void show_progress(const engine::Facts& facts);
    void tell(const std::string& line);

    Console& console_;
    const system::Clock& clock_;
    std::filesystem::path directory_;
    system::UniqueFd log_;
    ProgressMeter meter_;
    std::string last_progress_;
    std::optional<system::SteadyTime> told_; ///< where progress cannot be drawn
    bool line_drawn_ = false;
};

} // namespace drctl::app::views
