// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/report.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace drctl::engine {

struct Assessment;
struct Plan;

/// How far a long piece of work has come. A total of 0 means: not known.
struct Progress {
    enum class Unit { bytes, items } unit = Unit::bytes;
    std::string phase;
    std::uint64_t done = 0;
    std::uint64_t total = 0;
};

/// What a step is called and why it is in the plan.
struct StepInfo {
    std::string id;
    std::string title;
    std::string reason;
};

/// Watches a run. Views implement it; it decides nothing and must not throw.
/// progress() may come from any thread, the rest comes from the runner's.
class Observer {
  public:
    Observer() = default;
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;
    virtual ~Observer() = default;

    virtual void note(std::string_view) {}
    virtual void warning(std::string_view) {}
    virtual void assessed(const Assessment&) {}
    virtual void planned(const Plan&) {}
    virtual void run_started(const std::string& /*run_id*/, bool /*resumed*/) {}
    virtual void step_started(const StepInfo&) {}
    virtual void step_finished(const StepInfo&, StepStatus, const std::string& /*evidence*/,
                               std::chrono::milliseconds) {}
    virtual void undo_started(const std::string& /*why*/) {}
    virtual void progress(const Progress&) {}
};

/// Tells two observers, the first one first.
class ObserverPair final : public Observer {
  public:
    ObserverPair(Observer& one, Observer& other) : one_(one), other_(other) {}

    void note(std::string_view text) override {
        one_.note(text);
        other_.note(text);
    }
    void warning(std::string_view text) override {
        one_.warning(text);
        other_.warning(text);
    }
    void assessed(const Assessment& assessment) override {
        one_.assessed(assessment);
        other_.assessed(assessment);
    }
    void planned(const Plan& plan) override {
        one_.planned(plan);
        other_.planned(plan);
    }
    void run_started(const std::string& run_id, bool resumed) override {
        one_.run_started(run_id, resumed);
        other_.run_started(run_id, resumed);
    }
    void step_started(const StepInfo& step) override {
        one_.step_started(step);
        other_.step_started(step);
    }
    void step_finished(const StepInfo& step, StepStatus status, const std::string& evidence,
                       std::chrono::milliseconds duration) override {
        one_.step_finished(step, status, evidence, duration);
        other_.step_finished(step, status, evidence, duration);
    }
    void undo_started(const std::string& why) override {
        one_.undo_started(why);
        other_.undo_started(why);
    }
    void progress(const Progress& progress) override {
        one_.progress(progress);
        other_.progress(progress);
    }

  private:
    Observer& one_;
    Observer& other_;
};

} // namespace drctl::engine
