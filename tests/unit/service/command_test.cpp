// SPDX-License-Identifier: Apache-2.0
#include "service/command.hpp"

#include "drctl/error.hpp"
#include "support/fake_process_runner.hpp"
#include "system/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::service {
namespace {

using test::FakeProcessRunner;
using testing::ElementsAre;
using testing::HasSubstr;

class CommandServices : public testing::Test {
  protected:
    CommandServices() {
        configuration_.name = "app";
        configuration_.manager = config::Service::Manager::command;
        configuration_.start = {"appctl", "start"};
        configuration_.stop = {"appctl", "stop"};
        configuration_.status = {"appctl", "status"};
        processes_.on({"appctl", "status"}, [this](const auto&) {
            return FakeProcessRunner::exited(running_ ? 0 : 3, "app is here\n");
        });
        processes_.on({"appctl", "start"}, [this](const auto&) {
            running_ = true;
            return FakeProcessRunner::exited(0, "starting\n");
        });
        processes_.on({"appctl", "stop"}, [this](const auto&) {
            running_ = false;
            return FakeProcessRunner::exited(0);
        });
    }
    std::unique_ptr<Service> make() {
        return make_service(configuration_, processes_, {"/none", holds_.path() / "holds"});
    }
    template <typename Action>
    static Error error_of(Action action) {
        try {
            action();
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "nothing was thrown";
        return Error(ErrorCode::bug, "nothing was thrown");
    }

    bool running_ = false;
    config::Service configuration_;
    FakeProcessRunner processes_;
    system::TemporaryDirectory holds_;
};

TEST_F(CommandServices, AreRunningWhenTheirStatusSucceeds) {
    auto service = make();
    EXPECT_EQ(service->status({}).activity, Status::Activity::stopped);
    EXPECT_EQ(service->status({}).detail, "its status command exited with status 3: app is here");
    running_ = true;
    EXPECT_EQ(service->status({}).activity, Status::Activity::running);
    EXPECT_TRUE(service->status({}).startable);
}

TEST_F(CommandServices, StartAndStopOnlyWhereNeeded) {
    auto service = make();
    service->start({});
    service->start({});
    EXPECT_EQ(service->last_words({}), "app is here\n");
    service->stop({});
    service->stop({});
    EXPECT_THAT(processes_.command_lines(),
                ElementsAre("appctl status", "appctl start", "appctl status", "appctl status",
                            "appctl status", "appctl stop", "appctl status", "appctl status"));
}

TEST_F(CommandServices, DoNotBelieveTheirCommandsAlone) {
    processes_.on({"appctl", "start"}, FakeProcessRunner::exited(0, "I did it\n"));
    auto service = make();
    const auto error = error_of([&service] { service->start({}); });
    EXPECT_EQ(error.code(), ErrorCode::failed);
    EXPECT_THAT(error.message(), HasSubstr("its start command succeeded, but"));
    EXPECT_EQ(service->last_words({}), "I did it\n");
    running_ = true;
    processes_.on({"appctl", "stop"}, FakeProcessRunner::exited(0));
    EXPECT_EQ(error_of([&service] { service->stop({}); }).code(), ErrorCode::failed);
}

TEST_F(CommandServices, GiveTheWordsOfACommandThatFails) {
    processes_.on({"appctl", "start"}, FakeProcessRunner::exited(7, "", "no such port\n"));
    EXPECT_EQ(error_of([this] { make()->start({}); }).message(),
              "cannot start service 'app': 'appctl' exited with status 7: no such port");
}

TEST_F(CommandServices, AreUnreachableWhenTheirStatusHangs) {
    auto late = FakeProcessRunner::exited(-1);
    late.timed_out = true;
    processes_.on({"appctl", "status"}, late);
    EXPECT_EQ(error_of([this] { static_cast<void>(make()->status({})); }).code(),
              ErrorCode::unreachable);
}

TEST_F(CommandServices, AreUnreachableWhenTheirStatusDidNotRunToItsEnd) {
    auto killed = FakeProcessRunner::exited(-1);
    killed.signal = 9;
    for (const auto& result : {killed, FakeProcessRunner::exited(126),
                               FakeProcessRunner::exited(127), FakeProcessRunner::exited(255)}) {
        processes_.on({"appctl", "status"}, result);
        const auto error = error_of([this] { static_cast<void>(make()->status({})); });
        EXPECT_EQ(error.code(), ErrorCode::unreachable);
        EXPECT_THAT(error.message(), HasSubstr(result.how_it_ended()));
    }
    processes_.on({"appctl", "status"}, FakeProcessRunner::exited(125));
    EXPECT_EQ(make()->status({}).activity, Status::Activity::stopped);
}

TEST_F(CommandServices, RunAsTheirUserWithTheirTimeout) {
    configuration_.os_user = "root";
    configuration_.timeout = std::chrono::seconds(7);
    static_cast<void>(make()->status({}));
    const auto call = processes_.calls().back();
    ASSERT_TRUE(call.options.user);
    EXPECT_EQ(call.options.user->name, "root");
    EXPECT_EQ(call.options.timeout, std::chrono::seconds(7));
    configuration_.os_user = "no-such-user-here";
    const auto error = error_of([this] { static_cast<void>(make()->status({})); });
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_THAT(error.hint(), HasSubstr("[service.app]"));
}

TEST_F(CommandServices, AreNotStartedWhileHeld) {
    make()->hold({});
    make()->hold({});
    EXPECT_TRUE(make()->held());
    EXPECT_EQ(error_of([this] { make()->start({}); }).code(), ErrorCode::refused);
    EXPECT_FALSE(running_);
    make()->release({});
    make()->release({});
    EXPECT_FALSE(make()->held());
    make()->start({});
    EXPECT_TRUE(running_);
}

TEST_F(CommandServices, AreLockedByTheirName) {
    EXPECT_EQ(make()->resource(), "service/app");
}

TEST_F(CommandServices, NeedACommandAndAName) {
    configuration_.stop.clear();
    running_ = true;
    EXPECT_EQ(error_of([this] { make()->stop({}); }).code(), ErrorCode::usage);
    for (const auto* name : {"", "a/b", ".."}) {
        configuration_.name = name;
        EXPECT_EQ(error_of([this] { make(); }).code(), ErrorCode::usage) << name;
    }
}

} // namespace
} // namespace drctl::service
