// SPDX-License-Identifier: Apache-2.0
#include "procedures/service_steps.hpp"

#include "drctl/error.hpp"
#include "support/fake_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::procedures {
namespace {

using Activity = service::Status::Activity;
using State = engine::CheckResult::State;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// What a service manager knows of one service.
struct FakeUnit {
    Activity activity = Activity::running;
    bool held = false;
    Activity after_start = Activity::running;
    bool release_fails = false;
    bool forbidden = false;
    bool runs_once = false;
};

class FakeService final : public service::Service {
  public:
    FakeService(std::string name, FakeUnit& unit, std::vector<std::string>& calls)
        : name_(std::move(name)), unit_(unit), calls_(calls) {}

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] std::string resource() const override { return name_; }
    [[nodiscard]] std::vector<std::string> forbidden() const override {
        return unit_.forbidden ? std::vector<std::string>{"stop " + name_}
                               : std::vector<std::string>{};
    }
    [[nodiscard]] service::Status status(system::StopToken) override {
        service::Status status;
        status.activity = unit_.activity;
        status.runs_once = unit_.runs_once;
        status.detail = "as it is";
        return status;
    }
    void start(system::StopToken) override {
        calls_.push_back("start " + name_);
        unit_.activity = unit_.after_start;
    }
    void stop(system::StopToken) override {
        calls_.push_back("stop " + name_);
        unit_.activity = Activity::stopped;
    }
    void hold(system::StopToken) override { unit_.held = true; }
    void release(system::StopToken) override {
        unit_.held = false;
        if (unit_.release_fails) {
            throw Error(ErrorCode::failed, "cannot start what triggers service '" + name_ + "'");
        }
    }
    [[nodiscard]] bool held() const override { return unit_.held; }
    [[nodiscard]] std::string last_words(system::StopToken) override { return {}; }

  private:
    std::string name_;
    FakeUnit& unit_;
    std::vector<std::string>& calls_;
};

class ServiceSteps : public testing::Test {
  protected:
    Services services() {
        Services made;
        made.push_back(std::make_unique<FakeService>("app", app, calls));
        made.push_back(std::make_unique<FakeService>("web", web, calls));
        return made;
    }
    engine::StepContext context() {
        return {"run", facts, [this](const auto& key, const auto& value) { facts.set(key, value); },
                clock, {},    observer};
    }
    void stop_services() {
        StopServices step(services());
        auto work = context();
        step.apply(work);
    }
    void undo() {
        calls.clear();
        StopServices step(services());
        auto work = context();
        step.undo(work, engine::UndoReason::failed);
    }
    std::string error_of_undo() {
        try {
            undo();
        } catch (const Error& error) {
            return error.message();
        }
        return {};
    }

    FakeUnit app;
    FakeUnit web;
    std::vector<std::string> calls;
    engine::Facts facts;
    test::FakeClock clock;
    engine::Observer observer;
};

TEST_F(ServiceSteps, TakenBackStartWhatWasFoundRunning) {
    web.activity = Activity::stopped;
    stop_services();
    undo();
    EXPECT_THAT(calls, ElementsAre("start app"));
    EXPECT_FALSE(web.held);
}

TEST_F(ServiceSteps, TellWhatThisAccountMayNotDo) {
    EXPECT_THAT(StopServices(services()).forbidden(), IsEmpty());
    app.forbidden = web.forbidden = true;
    EXPECT_THAT(StopServices(services()).forbidden(), ElementsAre("stop app", "stop web"));
}

TEST_F(ServiceSteps, TakenBackStartAlsoWhatWasGoingDown) {
    app.activity = Activity::stopping; // in a restart, say
    stop_services();
    EXPECT_EQ(app.activity, Activity::stopped) << "it is waited for";
    undo();
    EXPECT_THAT(calls, ElementsAre("start web", "start app"));
}

TEST_F(ServiceSteps, TakenBackDoNotWaitForWhatRunsOnce) {
    app.runs_once = true;
    app.after_start = Activity::stopped;
    stop_services();
    EXPECT_EQ(error_of_undo(), "");
    app.after_start = Activity::failed;
    EXPECT_NE(error_of_undo(), "");
}

TEST_F(ServiceSteps, AreNotDownWhileAServiceGoesDown) {
    stop_services();
    StopServices step(services());
    auto work = context();
    EXPECT_EQ(step.check(work).state, State::satisfied);
    app.activity = Activity::stopping;
    EXPECT_EQ(step.check(work).state, State::needed);
}

TEST_F(ServiceSteps, AreNotTakenBackWhileAServiceIsDown) {
    stop_services();
    for (const auto after : {Activity::stopping, Activity::stopped, Activity::failed}) {
        app.after_start = after;
        EXPECT_EQ(error_of_undo(), "cannot see service 'app' running after its start: as it is");
        EXPECT_THAT(calls, ElementsAre("start web", "start app"));
    }
    app.after_start = Activity::starting;
    EXPECT_EQ(error_of_undo(), "");
    EXPECT_EQ(facts.get(engine::fact::quiet_since), "");
}

TEST_F(ServiceSteps, StartAServiceWhoseSocketDoesNotComeBack) {
    stop_services();
    web.release_fails = true;
    EXPECT_THAT(error_of_undo(), HasSubstr("what triggers service 'web'"));
    EXPECT_THAT(calls, ElementsAre("start web", "start app"));
}

TEST_F(ServiceSteps, StartedAreNotThoseThatGoDown) {
    app.activity = Activity::stopping;
    StartServices step(services(), false);
    auto work = context();
    EXPECT_EQ(step.check(work).state, State::needed);
    step.apply(work);
    EXPECT_THAT(calls, ElementsAre("start web", "start app"));
    EXPECT_EQ(step.check(work).state, State::satisfied);
}

TEST_F(ServiceSteps, LeaveServicesStoppedWhereThatIsWanted) {
    stop_services();
    calls.clear();
    StartServices step(services(), true);
    auto work = context();
    step.apply(work);
    EXPECT_THAT(calls, IsEmpty());
    EXPECT_FALSE(app.held);
}

} // namespace
} // namespace drctl::procedures
