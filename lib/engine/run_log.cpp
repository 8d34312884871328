// SPDX-License-Identifier: Apache-2.0
#include "engine/run_log.hpp"

#include "engine/plan.hpp"
#include "engine/state_directory.hpp"
#include "system/printable.hpp"
#include "system/units.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <unistd.h>

namespace drctl::engine {

using std::chrono::milliseconds;

class RunLog::LogObserver final : public Observer {
  public:
    LogObserver(const std::filesystem::path& directory, const system::Clock& clock)
        : clock_(clock), log_(open_for_readers(directory / "log", O_WRONLY | O_APPEND)),
          progress_(open_for_readers(directory / progress_file, O_WRONLY)) {}

    void note(std::string_view text) override { line(text); }
    void warning(std::string_view text) override { line(fmt::format("warning: {}", text)); }
    void assessed(const Assessment& assessment) override {
        line("seen: " + assessment.summary);
        for (const auto& evidence : assessment.evidence) {
            line("  " + evidence);
        }
    }
    void planned(const Plan& plan) override { line("plan: " + plan.summary); }
    void run_started(const std::string& run_id, bool resumed) override {
        line(fmt::format("run {} {}", run_id, resumed ? "continues" : "begins"));
    }
    void step_started(const StepInfo& step) override {
        line(fmt::format("{}: {}", step.id, step.title));
    }
    void step_finished(const StepInfo& step, StepStatus status, const std::string& evidence,
                       milliseconds duration) override {
        line(fmt::format("{}: {} ({}) in {}", step.id, name_of(status), evidence,
                         system::format_duration(duration)));
    }
    void undo_started(const std::string& why) override { line(why); }
    void progress(const Progress& progress) override;

  private:
    /// Servers and programs say part of it, and whoever reads it may do so by cat(1).
    void line(std::string_view text) {
        const auto whole =
            fmt::format("{} {}\n", system::format_rfc3339(clock_.wall()), system::printable(text));
        const std::lock_guard guard(mutex_);
        static_cast<void>(!::write(log_.get(), whole.data(), whole.size()));
    }

    const system::Clock& clock_;
    system::UniqueFd log_;
    system::UniqueFd progress_;
    std::mutex mutex_;
    std::optional<system::SteadyTime> last_progress_;
};

void RunLog::LogObserver::progress(const Progress& progress) {
    constexpr milliseconds at_most_every{500};
    const std::lock_guard guard(mutex_);
    const auto now = clock_.steady();
    if (last_progress_ && now - *last_progress_ < at_most_every) {
        return;
    }
    last_progress_ = now;
    const nlohmann::json body{{"at", system::format_rfc3339(clock_.wall())},
                              {"phase", progress.phase},
                              {"done", progress.done},
                              {"total", progress.total},
                              {"unit", progress.unit == Progress::Unit::bytes ? "bytes" : "items"}};
    // Written in place and padded to one length: a reader sees a whole line or the one before.
    constexpr std::size_t line_length = 256;
    auto text = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    text.resize(line_length - 1, ' ');
    text += '\n';
    static_cast<void>(!::pwrite(progress_.get(), text.data(), text.size(), 0));
}

RunLog::RunLog(const std::filesystem::path& run_directory, const system::Clock& clock,
               Observer& terminal)
    : log_(std::make_unique<LogObserver>(run_directory, clock)),
      both_(std::make_unique<ObserverPair>(*log_, terminal)) {}

RunLog::RunLog(RunLog&&) noexcept = default;
RunLog& RunLog::operator=(RunLog&&) noexcept = default;
RunLog::~RunLog() = default;

Observer& RunLog::observer() noexcept {
    return *both_;
}

} // namespace drctl::engine
