// SPDX-License-Identifier: Apache-2.0
#include "service/systemd.hpp"

#include "drctl/error.hpp"
#include "support/fake_process_runner.hpp"
#include "system/files.hpp"
#include "system/units.hpp"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace drctl::service {
namespace {

using test::FakeProcessRunner;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// As much of systemd as systemctl shows: states of units, changed by start and stop.
class FakeSystemd {
  public:
    struct Unit {
        std::string active = "inactive";
        std::string load = "loaded";
        std::string file_state = "enabled";
        std::string triggered_by;
        std::string changed{};
        std::string type = "simple";
    };

    FakeSystemd() {
        const auto answer = [this](const FakeProcessRunner::Call& call) { return run(call.argv); };
        processes.on({"systemctl"}, answer);
    }

    std::map<std::string, Unit> units;
    std::map<std::string, std::string> refusals; ///< verb to the words it fails with
    FakeProcessRunner processes;

  private:
    system::ProcessResult run(const system::Argv& argv) {
        std::vector<std::string> words;
        for (const auto& word : argv) {
            if (!word.starts_with("--")) {
                words.push_back(word);
            }
        }
        const auto& verb = words.at(1);
        if (const auto refusal = refusals.find(verb); refusal != refusals.end()) {
            return FakeProcessRunner::exited(1, "", refusal->second);
        }
        if (verb == "show") {
            return FakeProcessRunner::exited(0, shown(words.at(2)));
        }
        for (std::size_t i = 2; i < words.size(); ++i) {
            if (verb == "start") {
                units[words[i]].active = "active";
            } else if (verb == "stop") {
                units[words[i]].active = "inactive";
            }
        }
        return FakeProcessRunner::exited(0);
    }

    std::string shown(const std::string& name) {
        const auto found = units.find(name);
        const Unit unit =
            found == units.end() ? Unit{"inactive", "not-found", "", ""} : found->second;
        return fmt::format("LoadState={}\nActiveState={}\nSubState=sub\nUnitFileState={}\n"
                           "TriggeredBy={}\nStateChangeTimestamp={}\nType={}\n",
                           unit.load, unit.active, unit.file_state, unit.triggered_by, unit.changed,
                           unit.type);
    }
};

class SystemdServices : public testing::Test {
  protected:
    static config::Service configuration(const std::string& unit = "app.service") {
        config::Service service;
        service.name = "app";
        service.unit = unit;
        return service;
    }
    std::unique_ptr<Service> make(const std::string& unit = "app.service") {
        return make_service(configuration(unit), systemd_.processes, {units_.path(), "/none"});
    }
    /// The calls that change something, without the options.
    [[nodiscard]] std::vector<std::string> actions() const {
        std::vector<std::string> lines;
        for (auto line : systemd_.processes.command_lines()) {
            if (line.find(" show ") == std::string::npos) {
                const std::string prefix = "systemctl --no-ask-password --quiet ";
                lines.push_back(line.starts_with(prefix) ? line.substr(prefix.size()) : line);
            }
        }
        return lines;
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

    FakeSystemd systemd_;
    system::TemporaryDirectory units_;
};

TEST_F(SystemdServices, TellSinceWhenTheyAreSo) {
    systemd_.units["app.service"] = {"failed", "loaded", "enabled", "", "@1764340856"};
    EXPECT_EQ(make()->status({}).since, system::parse_rfc3339("2025-11-28T14:40:56Z"));
    for (const auto* never : {"", "@0", "n/a", "Fri 2025-11-28"}) {
        systemd_.units["app.service"].changed = never;
        EXPECT_FALSE(make()->status({}).since) << never;
    }
}

TEST_F(SystemdServices, TellWhetherTheyEndByThemselves) {
    systemd_.units["app.service"] = {"inactive", "loaded", "enabled", ""};
    EXPECT_FALSE(make()->status({}).runs_once);
    systemd_.units["app.service"].type = "oneshot";
    EXPECT_TRUE(make()->status({}).runs_once);
}

TEST_F(SystemdServices, TellWhatSystemdSays) {
    using Activity = Status::Activity;
    struct Row {
        const char* active;
        Activity activity;
    };
    auto service = make();
    for (const auto& row :
         {Row{"active", Activity::running}, Row{"reloading", Activity::running},
          Row{"deactivating", Activity::stopping}, Row{"activating", Activity::starting},
          Row{"inactive", Activity::stopped}, Row{"failed", Activity::failed}}) {
        systemd_.units["app.service"] = {row.active, "loaded", "enabled", ""};
        const auto status = service->status({});
        EXPECT_EQ(status.activity, row.activity) << row.active;
        EXPECT_EQ(status.detail, std::string(row.active) + " (sub)");
        EXPECT_TRUE(status.startable);
    }
}

TEST_F(SystemdServices, AreStartableUnlessMaskedOrDisabled) {
    struct Row {
        const char* load;
        const char* file_state;
        bool startable;
    };
    auto service = make();
    for (const auto& row :
         {Row{"loaded", "enabled", true}, Row{"loaded", "enabled-runtime", true},
          Row{"loaded", "static", true}, Row{"loaded", "generated", true}, Row{"loaded", "", true},
          Row{"loaded", "disabled", false}, Row{"masked", "masked", false},
          Row{"masked", "masked-runtime", false}, Row{"bad-setting", "enabled", false}}) {
        systemd_.units["app.service"] = {"inactive", row.load, row.file_state, ""};
        EXPECT_EQ(service->status({}).startable, row.startable) << row.load << row.file_state;
    }
}

TEST_F(SystemdServices, AreStartableWhenTheirSocketIsEnabled) {
    systemd_.units["app.service"] = {"inactive", "loaded", "disabled", "app.socket"};
    systemd_.units["app.socket"] = {"active", "loaded", "enabled", ""};
    EXPECT_TRUE(make()->status({}).startable);
    systemd_.units["app.socket"].file_state = "disabled";
    EXPECT_FALSE(make()->status({}).startable);
}

TEST_F(SystemdServices, AreLockedByTheirUnitWhateverTheirSectionIsCalled) {
    auto other = configuration("app");
    other.name = "web";
    EXPECT_EQ(make("app.service")->resource(), "unit/app.service");
    EXPECT_EQ(make_service(other, systemd_.processes, {units_.path(), "/none"})->resource(),
              "unit/app.service");
}

TEST_F(SystemdServices, AreAConfigurationErrorWhereThereIsNoSuchUnit) {
    const auto error = error_of([this] { static_cast<void>(make()->status({})); });
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_THAT(error.message(), HasSubstr("app.service"));
    EXPECT_THAT(error.hint(), HasSubstr("list-unit-files"));
    EXPECT_EQ(error_of([this] { make("a/b"); }).code(), ErrorCode::usage);
    EXPECT_EQ(error_of([this] { make("--now"); }).code(), ErrorCode::usage);
    EXPECT_EQ(error_of([this] { make(""); }).code(), ErrorCode::usage);
}

TEST_F(SystemdServices, AreUnreachableWithoutSystemd) {
    const auto service =
        make_service(configuration(), systemd_.processes, {units_.path() / "none", "/none"});
    const auto error = error_of([&service] { static_cast<void>(service->status({})); });
    EXPECT_EQ(error.code(), ErrorCode::unreachable);
    EXPECT_THAT(error.hint(), HasSubstr("manager = \"command\""));
}

TEST_F(SystemdServices, StartAfterResettingFailures) {
    systemd_.units["app.service"].active = "failed";
    make("app")->start({});
    EXPECT_THAT(actions(), ElementsAre("reset-failed app.service", "start app.service"));
}

TEST_F(SystemdServices, AreStartedAlsoWhileTheyGoDown) {
    for (const auto* state : {"deactivating", "active"}) { // the latter with its stop still queued
        systemd_.units["app.service"].active = state;
        systemd_.processes.forget_calls();
        make()->start({});
        EXPECT_THAT(actions(), Contains("start app.service")) << state;
    }
}

TEST_F(SystemdServices, GiveSystemdsWordsWhenItFails) {
    systemd_.units["app.service"] = {};
    systemd_.refusals["start"] = "Job for app.service failed.\nSee \"journalctl -xeu\"\n";
    const auto error = error_of([this] { make()->start({}); });
    EXPECT_EQ(error.code(), ErrorCode::failed);
    EXPECT_EQ(error.message(), "cannot start service 'app': systemctl exited with status 1: See "
                               "\"journalctl -xeu\"");
    EXPECT_THAT(error.hint(), HasSubstr("journalctl -u app.service"));
}

TEST_F(SystemdServices, AreRefusedWithoutPrivileges) {
    systemd_.units["app.service"].active = "active";
    systemd_.refusals["stop"] =
        "Failed to stop app.service: Interactive authentication required.\n";
    const auto error = error_of([this] { make()->stop({}); });
    EXPECT_EQ(error.code(), ErrorCode::refused);
    EXPECT_THAT(error.hint(), HasSubstr("sudo"));
}

TEST_F(SystemdServices, DoNotClaimToBeStoppedWhenTheyCameBack) {
    systemd_.units["app.service"].active = "active";
    auto service = make();
    systemd_.processes.on({"systemctl", "--no-ask-password", "--quiet", "stop"},
                          FakeProcessRunner::exited(0));
    EXPECT_EQ(error_of([&service] { service->stop({}); }).code(), ErrorCode::failed);
}

TEST_F(SystemdServices, SayWhenSystemdDoesNotAnswerInTime) {
    systemd_.units["app.service"] = {};
    auto late = FakeProcessRunner::exited(-1);
    late.timed_out = true;
    systemd_.processes.on({"systemctl", "--no-ask-password", "--quiet", "start"}, late);
    EXPECT_EQ(error_of([this] { make()->start({}); }).code(), ErrorCode::timed_out);
}

class HeldServices : public SystemdServices {
  protected:
    HeldServices() {
        systemd_.units["app.service"] = {"active", "loaded", "enabled", "app.socket app.timer"};
        systemd_.units["app.socket"] = {"active", "loaded", "enabled", ""};
        systemd_.units["app.timer"] = {"inactive", "loaded", "enabled", ""};
    }
    [[nodiscard]] bool has_drop_in(const std::string& unit) const {
        return std::filesystem::exists(units_.path() / (unit + ".d") / "90-drctl-hold.conf");
    }
};

TEST_F(HeldServices, StayDownWithWhatTriggersThem) {
    auto service = make();
    service->hold({});
    EXPECT_TRUE(service->held());
    EXPECT_TRUE(has_drop_in("app.service"));
    EXPECT_TRUE(has_drop_in("app.socket"));
    EXPECT_TRUE(has_drop_in("app.timer"));
    EXPECT_EQ(systemd_.units["app.socket"].active, "active") << "held is not stopped";
    service->stop({});
    EXPECT_THAT(actions(), ElementsAre("daemon-reload", "stop app.socket app.timer app.service"));
    EXPECT_EQ(error_of([&service] { service->start({}); }).code(), ErrorCode::refused);
}

TEST_F(HeldServices, ComeBackAsTheyWere) {
    make()->hold({});
    make()->stop({});
    systemd_.processes.forget_calls();
    auto service = make(); // as another process would
    EXPECT_TRUE(service->held());
    service->release({});
    EXPECT_FALSE(service->held());
    EXPECT_FALSE(has_drop_in("app.socket"));
    EXPECT_EQ(systemd_.units["app.socket"].active, "active");
    EXPECT_EQ(systemd_.units["app.timer"].active, "inactive") << "it was not active before";
    EXPECT_EQ(systemd_.units["app.service"].active, "inactive") << "released is not started";
    EXPECT_THAT(actions(), ElementsAre("daemon-reload", "start app.socket"));
    service->release({});
    EXPECT_THAT(actions(), ElementsAre("daemon-reload", "start app.socket"));
    EXPECT_TRUE(std::filesystem::is_empty(units_.path()));
}

TEST_F(HeldServices, RememberTheFirstStateWhenHeldTwice) {
    make()->hold({});
    make()->stop({});
    make()->hold({}); // a rerun, after a crash: the socket is inactive now
    make()->release({});
    EXPECT_EQ(systemd_.units["app.socket"].active, "active");
}

TEST_F(HeldServices, FinishAReleaseThatDied) {
    make()->hold({});
    make()->stop({});
    systemd_.refusals["start"] = "killed";
    EXPECT_EQ(error_of([this] { make()->release({}); }).code(), ErrorCode::failed);
    systemd_.refusals.clear();
    EXPECT_FALSE(make()->held());
    make()->hold({}); // without losing that the socket has to come back
    EXPECT_TRUE(make()->held());
    make()->stop({});
    make()->release({});
    EXPECT_EQ(systemd_.units["app.socket"].active, "active");
    EXPECT_TRUE(std::filesystem::is_empty(units_.path()));
}

TEST_F(HeldServices, AreDownBeforeTheirSocketsComeBack) {
    make()->hold({});
    make()->stop({});
    systemd_.units["app.service"].active = "deactivating"; // as a stop that timed out leaves it
    systemd_.processes.forget_calls();
    make()->release({});
    EXPECT_THAT(actions(), ElementsAre("daemon-reload", "stop app.service", "start app.socket"));
}

TEST_F(HeldServices, AreHeldAgainAlsoWhereTheirSocketCannotBeStarted) {
    make()->hold({});
    make()->stop({});
    systemd_.refusals["start"] = "Socket service app.service already active, refusing.";
    EXPECT_EQ(error_of([this] { make()->release({}); }).code(), ErrorCode::failed);
    make()->hold({});
    EXPECT_TRUE(make()->held());
}

TEST_F(HeldServices, AreHeldAgainWithWhatTriggersThemSince) {
    make()->hold({});
    make()->stop({});
    systemd_.refusals["start"] = "Socket service app.service already active, refusing.";
    EXPECT_EQ(error_of([this] { make()->release({}); }).code(), ErrorCode::failed);
    systemd_.refusals.clear();
    systemd_.units["app.service"].triggered_by += " new.timer";
    systemd_.units["new.timer"] = {"active", "loaded", "enabled", ""};
    make()->hold({});
    make()->stop({});
    EXPECT_EQ(systemd_.units["new.timer"].active, "inactive");
    make()->release({});
    EXPECT_EQ(systemd_.units["new.timer"].active, "active");
}

TEST_F(HeldServices, AreReleasedWithoutHavingBeenHeld) {
    make()->release({});
    EXPECT_THAT(actions(), ElementsAre());
}

TEST_F(SystemdServices, GiveTheJournalsLastLines) {
    systemd_.processes.on({"journalctl"}, FakeProcessRunner::exited(0, "one\ntwo\n"));
    EXPECT_EQ(make()->last_words({}), "one\ntwo\n");
    EXPECT_THAT(systemd_.processes.command_lines().back(), HasSubstr("--unit=app.service"));
    systemd_.processes.on({"journalctl"}, FakeProcessRunner::exited(1, "", "no journal"));
    EXPECT_EQ(make()->last_words({}), "");
}

} // namespace
} // namespace drctl::service
