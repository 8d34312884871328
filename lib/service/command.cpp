// SPDX-License-Identifier: Apache-2.0
#include "service/command.hpp"

#include "drctl/error.hpp"
#include "service/words.hpp"
#include "system/files.hpp"

#include <cerrno>
#include <fmt/core.h>
#include <unistd.h>

namespace drctl::service {
namespace {

/// A status command that was killed says nothing about the service. Nor does one that could not be
/// run, which shells tell by 126 and more, and ssh by 255.
bool has_answered(const system::ProcessResult& result) {
    constexpr int first_of_shells = 126;
    return !result.timed_out && result.signal == 0 && result.exit_status < first_of_shells;
}

} // namespace

CommandService::CommandService(config::Service configuration,
                               const system::ProcessRunner& processes, std::filesystem::path holds)
    : configuration_(std::move(configuration)), processes_(processes), holds_(std::move(holds)) {
    if (name().empty() || name().front() == '.' || name().find('/') != std::string::npos) {
        throw Error(ErrorCode::usage,
                    fmt::format("cannot use '{}' as the name of a command service", name()),
                    "name it in [service.NAME] without a slash and a leading dot");
    }
}

system::ProcessResult CommandService::run(const system::Argv& argv, const char* purpose,
                                          system::StopToken stop) {
    if (argv.empty()) {
        throw Error(ErrorCode::usage,
                    fmt::format("cannot {} service '{}': it has no such command", purpose, name()),
                    fmt::format("set '{}' in [service.{}]", purpose, name()));
    }
    system::ProcessOptions options;
    options.timeout = configuration_.timeout;
    if (configuration_.os_user) {
        options.user = system::find_user(*configuration_.os_user);
        if (!options.user) {
            throw Error(ErrorCode::usage,
                        fmt::format("cannot {} service '{}': this host has no user '{}'", purpose,
                                    name(), *configuration_.os_user),
                        fmt::format("correct 'os_user' in [service.{}]", name()));
        }
    }
    auto result = processes_.run(argv, options, stop);
    last_output_ = result.out + result.err;
    return result;
}

void CommandService::run_to_success(const system::Argv& argv, const char* purpose,
                                    system::StopToken stop) {
    const auto result = run(argv, purpose, stop);
    if (!result.succeeded()) {
        throw Error(result.timed_out ? ErrorCode::timed_out : ErrorCode::failed,
                    fmt::format("cannot {} service '{}': '{}' {}{}", purpose, name(), argv.front(),
                                result.how_it_ended(), last_line_after_colon(result)),
                    fmt::format("run the '{}' command of [service.{}] by hand to see more", purpose,
                                name()));
    }
}

std::vector<std::string> CommandService::forbidden() const {
    const auto& wanted = configuration_.os_user;
    const bool may = !wanted || ::geteuid() == 0 || *wanted == system::current_user().name;
    return may ? std::vector<std::string>{}
               : std::vector{
                     fmt::format("run the commands of service '{}' as '{}'", name(), *wanted)};
}

Status CommandService::status(system::StopToken stop) {
    const auto result = run(configuration_.status, "status", stop);
    if (!has_answered(result)) {
        throw Error(
            ErrorCode::unreachable,
            fmt::format("cannot ask for the state of service '{}': '{}' {}", name(),
                        configuration_.status.front(), result.how_it_ended()),
            fmt::format("run the 'status' command of [service.{}] by hand to see more", name()))
            .as_retryable();
    }
    Status status;
    status.activity = result.succeeded() ? Status::Activity::running : Status::Activity::stopped;
    status.detail = fmt::format("its status command {}{}", result.how_it_ended(),
                                last_line_after_colon(result));
    return status;
}

void CommandService::start(system::StopToken stop) {
    if (held()) {
        throw_held(name());
    }
    if (status(stop).activity == Status::Activity::running) {
        return;
    }
    run_to_success(configuration_.start, "start", stop);
    const auto words = last_output_;
    const auto after = status(stop);
    last_output_ = words; // those of the start are the ones worth reporting
    if (after.activity != Status::Activity::running) {
        throw Error(ErrorCode::failed,
                    fmt::format("cannot start service '{}': its start command succeeded, but {}",
                                name(), after.detail),
                    fmt::format("run the commands of [service.{}] by hand to see more", name()));
    }
}

void CommandService::stop(system::StopToken stop) {
    if (status(stop).activity == Status::Activity::stopped) {
        return;
    }
    run_to_success(configuration_.stop, "stop", stop);
    const auto after = status(stop);
    if (after.activity != Status::Activity::stopped) {
        throw Error(ErrorCode::failed,
                    fmt::format("cannot stop service '{}': its stop command succeeded, but {}",
                                name(), after.detail),
                    fmt::format("run the commands of [service.{}] by hand to see more", name()));
    }
}

void CommandService::hold(system::StopToken) {
    system::make_directories(holds_, 0755);
    system::write_file_atomically(mark(), "held down by drctl\n", 0644);
}

void CommandService::release(system::StopToken) {
    system::remove_file(mark());
}

bool CommandService::held() const {
    return system::identity_of(mark()).has_value();
}

std::string CommandService::last_words(system::StopToken) {
    return last_output_;
}

std::filesystem::path CommandService::mark() const {
    return holds_ / name();
}

} // namespace drctl::service
