// SPDX-License-Identifier: Apache-2.0
// Calls one function of a systemd service and prints the result as JSON:
//     service_driver UNIT status|start|stop|hold|release|last-words [TIMEOUT]
// Each call is a process of its own, as that of a rerun after a crash would be.
#include "drctl/error.hpp"
#include "service/service.hpp"
#include "system/units.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <string>

namespace {

using namespace drctl;

const char* name_of(service::Status::Activity activity) {
    switch (activity) {
    case service::Status::Activity::running:
        return "running";
    case service::Status::Activity::starting:
        return "starting";
    case service::Status::Activity::stopping:
        return "stopping";
    case service::Status::Activity::stopped:
        return "stopped";
    case service::Status::Activity::failed:
        return "failed";
    }
    return "";
}

const char* name_of(ErrorCode code) {
    switch (code) {
    case ErrorCode::usage:
        return "usage";
    case ErrorCode::refused:
        return "refused";
    case ErrorCode::unreachable:
        return "unreachable";
    case ErrorCode::timed_out:
        return "timed_out";
    case ErrorCode::failed:
        return "failed";
    default:
        return "other";
    }
}

nlohmann::json act(service::Service& service, const std::string& action) {
    if (action == "start") {
        service.start({});
    } else if (action == "stop") {
        service.stop({});
    } else if (action == "hold") {
        service.hold({});
    } else if (action == "release") {
        service.release({});
    } else if (action == "last-words") {
        return {{"words", service.last_words({})}};
    }
    const auto status = service.status({});
    return {{"activity", name_of(status.activity)},
            {"startable", status.startable},
            {"detail", status.detail},
            {"since", status.since ? system::format_rfc3339(*status.since) : ""},
            {"held", service.held()}};
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        fmt::print(stderr, "usage: service_driver UNIT ACTION [TIMEOUT]\n");
        return 2;
    }
    config::Service configuration;
    configuration.name = "app";
    configuration.unit = argv[1];
    if (argc > 3) {
        configuration.timeout = system::parse_duration(argv[3]).value();
    }
    const system::SystemProcessRunner processes;
    nlohmann::json answer;
    try {
        answer = act(*service::make_service(configuration, processes), argv[2]);
    } catch (const Error& error) {
        answer = {
            {"error", error.message()}, {"code", name_of(error.code())}, {"hint", error.hint()}};
    }
    fmt::print("{}\n", answer.dump());
    return answer.contains("error") ? 1 : 0;
}
