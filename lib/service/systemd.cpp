// SPDX-License-Identifier: Apache-2.0
#include "service/systemd.hpp"

#include "drctl/error.hpp"
#include "service/words.hpp"
#include "system/files.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/core.h>
#include <sstream>
#include <unistd.h>

namespace drctl::service {
namespace {

/// As systemctl itself does: a name without a suffix is that of a service.
std::string with_suffix(const std::string& unit) {
    constexpr std::array suffixes{".service", ".socket", ".timer", ".path",
                                  ".target",  ".mount",  ".scope", ".slice"};
    const bool has_one = std::any_of(suffixes.begin(), suffixes.end(), [&unit](const char* suffix) {
        return unit.ends_with(suffix);
    });
    return has_one ? unit : unit + ".service";
}

bool means_not_permitted(const std::string& words) {
    constexpr std::array phrases{"Access denied", "authentication required", "Permission denied",
                                 "Operation not permitted"};
    return std::any_of(phrases.begin(), phrases.end(), [&words](const char* phrase) {
        return words.find(phrase) != std::string::npos;
    });
}

/// `@1764340856`, as `--timestamp=unix` prints it; nothing for an empty one, that of a unit that
/// was never touched.
std::optional<system::WallTime> stamp_in(std::string_view text) {
    std::int64_t seconds = 0;
    if (!text.starts_with('@')) {
        return std::nullopt;
    }
    const auto* end = text.data() + text.size();
    const auto result = std::from_chars(text.data() + 1, end, seconds);
    return result.ec == std::errc() && result.ptr == end && seconds > 0
               ? std::optional(system::WallTime(std::chrono::seconds(seconds)))
               : std::nullopt;
}

} // namespace

/// What `systemctl show` says; the names are systemd's.
struct SystemdService::Properties {
    std::string load_state, active_state, sub_state, unit_file_state, type;
    std::vector<std::string> triggered_by;
    std::optional<system::WallTime> changed; ///< nothing: not since the machine was booted

    void take(std::string_view line) {
        const auto equals = line.find('=');
        const auto key = line.substr(0, equals);
        const std::string value(equals == std::string_view::npos ? "" : line.substr(equals + 1));
        if (key == "LoadState") {
            load_state = value;
        } else if (key == "ActiveState") {
            active_state = value;
        } else if (key == "SubState") {
            sub_state = value;
        } else if (key == "UnitFileState") {
            unit_file_state = value;
        } else if (key == "Type") {
            type = value;
        } else if (key == "TriggeredBy") {
            triggered_by = words_of(value);
        } else if (key == "StateChangeTimestamp") {
            changed = stamp_in(value);
        }
    }
    [[nodiscard]] bool exists() const { return load_state != "not-found" || active(); }
    [[nodiscard]] bool active() const {
        return active_state != "inactive" && active_state != "failed" &&
               active_state != "maintenance";
    }
    [[nodiscard]] bool enabled() const {
        return load_state == "loaded" && unit_file_state != "disabled" &&
               !unit_file_state.starts_with("masked");
    }
};

SystemdService::SystemdService(config::Service configuration,
                               const system::ProcessRunner& processes, std::filesystem::path units)
    : configuration_(std::move(configuration)), processes_(processes), units_(std::move(units)),
      unit_(with_suffix(configuration_.unit)) {
    if (configuration_.unit.empty() || configuration_.unit.front() == '-' ||
        configuration_.unit.find_first_of("/ \t\n*?[") != std::string::npos) {
        throw Error(
            ErrorCode::usage,
            fmt::format("cannot use '{}' as the unit of service '{}'", configuration_.unit, name()),
            fmt::format("correct 'unit' in [service.{}]", name()));
    }
}

void SystemdService::require_systemd() const {
    // sd_booted(3): this directory exists where systemd is the init system.
    if (!system::identity_of(units_)) {
        throw Error(
            ErrorCode::unreachable,
            fmt::format("cannot manage service '{}': systemd does not run on this host", name()),
            fmt::format("set manager = \"command\" with start, stop and status commands in "
                        "[service.{}]",
                        name()));
    }
}

std::vector<std::string> SystemdService::forbidden() const {
    require_systemd();
    return ::access(units_.c_str(), W_OK) == 0
               ? std::vector<std::string>{}
               : std::vector{fmt::format("stop, start and hold service '{}'", name())};
}

void SystemdService::require_write_access() const {
    if (const auto forbidden_here = forbidden(); !forbidden_here.empty()) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot {}: only root may", forbidden_here.front()),
                    "run the same command by sudo");
    }
}

system::ProcessResult SystemdService::run(const system::Argv& argv, const char* purpose,
                                          system::StopToken stop) const {
    require_systemd();
    system::ProcessOptions options;
    options.timeout = configuration_.timeout;
    options.environment = {{"LC_ALL", "C"}, {"SYSTEMD_COLORS", "0"}, {"SYSTEMD_PAGER", ""}};
    auto result = processes_.run(argv, options, stop);
    if (result.timed_out) {
        throw Error(
            ErrorCode::timed_out,
            fmt::format("cannot {} service '{}': '{}' {}", purpose, name(), argv.front(),
                        result.how_it_ended()),
            fmt::format("'systemctl status {0}' shows what it waits for; a longer 'timeout' "
                        "can be set in [service.{1}]",
                        unit_, name()));
    }
    if (!result.succeeded() && means_not_permitted(result.err)) {
        throw Error(
            ErrorCode::refused,
            fmt::format("cannot {} service '{}'{}", purpose, name(), last_line_after_colon(result)),
            "run the same command by sudo");
    }
    return result;
}

void SystemdService::systemctl(const std::vector<std::string>& words, const char* purpose,
                               system::StopToken stop) const {
    system::Argv argv{"systemctl", "--no-ask-password", "--quiet"};
    argv.insert(argv.end(), words.begin(), words.end());
    const auto result = run(argv, purpose, stop);
    if (!result.succeeded()) {
        throw Error(ErrorCode::failed,
                    fmt::format("cannot {} service '{}': systemctl {}{}", purpose, name(),
                                result.how_it_ended(), last_line_after_colon(result)),
                    fmt::format("'journalctl -u {} -n 50' shows why", unit_));
    }
}

SystemdService::Properties SystemdService::show(const std::string& unit,
                                                system::StopToken stop) const {
    const auto result = run({"systemctl", "show",
                             "--property=LoadState,ActiveState,SubState,UnitFileState,TriggeredBy,"
                             "StateChangeTimestamp,Type",
                             "--timestamp=unix", "--", unit},
                            "ask for the state of", stop);
    if (!result.succeeded()) {
        throw Error(ErrorCode::unreachable,
                    fmt::format("cannot ask for the state of service '{}': systemctl {}{}", name(),
                                result.how_it_ended(), last_line_after_colon(result)),
                    "'systemctl status' shows whether systemd itself answers")
            .as_retryable();
    }
    Properties properties;
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) {
        properties.take(line);
    }
    return properties;
}

SystemdService::Properties SystemdService::show_own(system::StopToken stop) const {
    auto properties = show(unit_, stop);
    if (!properties.exists()) {
        throw Error(
            ErrorCode::usage,
            fmt::format("cannot find unit '{}' of service '{}' on this host", unit_, name()),
            fmt::format("'systemctl list-unit-files --type=service' shows which there are; "
                        "correct 'unit' in [service.{}]",
                        name()));
    }
    return properties;
}

Status SystemdService::status(system::StopToken stop) {
    const auto properties = show_own(stop);
    Status status;
    if (properties.active_state == "activating") {
        status.activity = Status::Activity::starting;
    } else if (properties.active_state == "deactivating") {
        status.activity = Status::Activity::stopping;
    } else if (properties.active()) {
        status.activity = Status::Activity::running;
    } else if (properties.active_state == "failed") {
        status.activity = Status::Activity::failed;
    }
    // A service that its socket or timer starts is not enabled itself.
    status.startable =
        properties.enabled() ||
        (properties.load_state == "loaded" && properties.unit_file_state == "disabled" &&
         std::any_of(properties.triggered_by.begin(), properties.triggered_by.end(),
                     [this, stop](const auto& trigger) { return show(trigger, stop).enabled(); }));
    status.since = properties.changed;
    status.runs_once = properties.type == "oneshot";
    status.detail = fmt::format("{} ({})", properties.active_state, properties.sub_state);
    if (properties.load_state != "loaded") {
        status.detail += ", " + properties.load_state;
    } else if (!status.startable) {
        status.detail += ", " + properties.unit_file_state;
    }
    return status;
}

void SystemdService::start(system::StopToken stop) {
    if (held()) {
        throw_held(name()); // systemctl would skip the unit and call that a success
    }
    static_cast<void>(show_own(stop));
    // Otherwise a unit that failed too often in a short time is refused. Nothing to reset is fine.
    static_cast<void>(
        run({"systemctl", "--no-ask-password", "--quiet", "reset-failed", unit_}, "start", stop));
    // Also one that runs: it may be about to stop, and systemd starts it again after that.
    systemctl({"start", unit_}, "start", stop);
}

void SystemdService::stop(system::StopToken stop) {
    static_cast<void>(show_own(stop));
    std::vector<std::string> words{"stop"};
    if (const auto remembered = hold_of_unit().memory(); remembered && held()) {
        words.insert(words.end(), remembered->triggers.begin(), remembered->triggers.end());
    }
    words.push_back(unit_);
    systemctl(words, "stop", stop);
    const auto after = show(unit_, stop);
    if (after.active()) {
        throw Error(
            ErrorCode::failed,
            fmt::format("cannot stop service '{}': something started it again at once "
                        "({}, {})",
                        name(), after.active_state, after.sub_state),
            fmt::format("'systemctl status {0}' and 'systemctl show -p TriggeredBy {0}' show "
                        "what does",
                        unit_));
    }
}

void SystemdService::hold(system::StopToken stop) {
    const auto properties = show_own(stop);
    require_write_access();
    const auto hold = hold_of_unit();
    // Also what a release remembers that did not come to its end; and what triggers it since.
    auto memory = hold.memory().value_or(SystemdHold::Memory());
    for (const auto& trigger : properties.triggered_by) {
        if (std::find(memory.triggers.begin(), memory.triggers.end(), trigger) !=
            memory.triggers.end()) {
            continue;
        }
        memory.triggers.push_back(trigger);
        if (show(trigger, stop).active()) {
            memory.active.push_back(trigger);
        }
    }
    hold.impose(memory);
    systemctl({"daemon-reload"}, "hold down", stop);
}

void SystemdService::release(system::StopToken stop) {
    const auto hold = hold_of_unit();
    const auto memory = hold.memory();
    if (!memory) {
        return;
    }
    require_write_access();
    hold.lift();
    systemctl({"daemon-reload"}, "release", stop);
    if (!memory->active.empty()) {
        if (show(unit_, stop).active_state == "deactivating") {
            // systemd refuses to start a socket before its service is down.
            systemctl({"stop", unit_}, "wait for the end of", stop);
        }
        std::vector<std::string> words{"start"};
        words.insert(words.end(), memory->active.begin(), memory->active.end());
        systemctl(words, "start what triggers", stop);
    }
    hold.forget();
}

bool SystemdService::held() const {
    return hold_of_unit().in_force();
}

std::string SystemdService::last_words(system::StopToken stop) {
    const auto result = run(
        {"journalctl", "--quiet", "--no-pager", "--output=cat", "--lines=20", "--unit=" + unit_},
        "read the journal of", stop);
    return result.succeeded() ? result.out : std::string{};
}

SystemdHold SystemdService::hold_of_unit() const {
    return {units_, unit_};
}

} // namespace drctl::service
