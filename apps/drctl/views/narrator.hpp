// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/observer.hpp"
#include "system/clock.hpp"
#include "views/console.hpp"
#include "views/progress.hpp"
#include "views/report.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace drctl::app::views {

/// Tells on stderr what a run is doing. On a terminal, progress is one line that is drawn over;
/// elsewhere it is one line every 30 s. Work of less than two seconds has none.
class Narrator final : public engine::Observer {
  public:
    Narrator(Console& console, const system::Clock& clock, Detail detail)
        : console_(console), clock_(clock), detail_(detail) {}
    ~Narrator() override;

    void note(std::string_view text) override;
    void warning(std::string_view text) override;
    void assessed(const engine::Assessment& assessment) override;
    void planned(const engine::Plan& plan) override;
    void run_started(const std::string& run_id, bool resumed) override;
    void step_started(const engine::StepInfo& step) override;
    void step_finished(const engine::StepInfo& step, StepStatus status, const std::string& evidence,
                       std::chrono::milliseconds duration) override;
    void undo_started(const std::string& why) override;
    void progress(const engine::Progress& progress) override;

  private:
    void say(std::string_view text);
    void say_locked(std::string_view text);
    void clear_line();

    Console& console_;
    const system::Clock& clock_;
    Detail detail_;
    std::mutex mutex_; ///< progress comes from any thread
    ProgressMeter meter_;
    std::optional<system::SteadyTime> shown_;
    bool line_drawn_ = false;
};

} // namespace drctl::app::views
