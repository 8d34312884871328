// SPDX-License-Identifier: Apache-2.0
#include "engine/hold.hpp"

#include "drctl/error.hpp"
#include "engine/state_directory.hpp"
#include "system/files.hpp"
#include "system/units.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace drctl::engine {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

fs::path file_of(const fs::path& directory, const std::string& target) {
    if (target.empty() || target.front() == '.' || target.find('/') != std::string::npos) {
        throw Error(ErrorCode::usage, fmt::format("cannot hold '{}': not a target's name", target),
                    "name a target of the configuration");
    }
    return directory / (target + ".json");
}

/// A hold that cannot be read still holds: somebody wanted something, refuse rather than guess.
Hold read_hold(const fs::path& path, const std::string& target) {
    const auto body = json::parse(system::read_file(path), nullptr, false);
    const auto until = body.is_object() && body.contains("until") && body["until"].is_string()
                           ? system::parse_rfc3339(body["until"].get<std::string>())
                           : std::nullopt;
    if (!until) {
        return {target, "somebody", fmt::format("the hold file '{}' cannot be read", path.string()),
                system::WallTime::max()};
    }
    return {target, body.value("by", "somebody"), body.value("reason", ""), *until};
}

} // namespace

Holds::Holds(fs::path directory, const system::Clock& clock)
    : directory_(std::move(directory)), clock_(clock) {}

std::optional<Hold> Holds::find(const std::string& target) const {
    const auto path = file_of(directory_, target);
    std::error_code failed;
    const bool there = fs::exists(path, failed);
    if (failed) {
        // A hold that one may not see may be there.
        throw no_access("look for holds in", directory_);
    }
    if (!there) {
        return std::nullopt;
    }
    auto hold = read_hold(path, target);
    if (hold.until <= clock_.wall()) {
        return std::nullopt;
    }
    return hold;
}

std::vector<Hold> Holds::list() const {
    std::vector<Hold> holds;
    std::error_code failed;
    const fs::directory_iterator entries(directory_, failed);
    if (failed == std::errc::permission_denied) {
        throw no_access("look for holds in", directory_);
    }
    for (const auto& entry : entries) {
        if (entry.path().extension() == ".json") {
            if (auto hold = find(entry.path().stem().string())) {
                holds.push_back(std::move(*hold));
            }
        }
    }
    return holds;
}

void Holds::set(const Hold& hold) {
    const auto path = file_of(directory_, hold.target);
    make_state_directory(directory_);
    const json body{{"target", hold.target},
                    {"by", hold.by},
                    {"reason", hold.reason},
                    {"until", system::format_rfc3339(hold.until)}};
    // A reason that is typed may hold any bytes.
    system::write_file_atomically(path,
                                  body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
}

bool Holds::remove(const std::string& target) {
    std::error_code failed;
    const auto removed = fs::remove(file_of(directory_, target), failed);
    if (failed) {
        throw no_access("remove the hold in", directory_);
    }
    if (removed) {
        system::sync_directory(directory_);
    }
    return removed;
}

void Holds::refuse_if_held(const std::string& target) const {
    const auto hold = find(target);
    if (!hold) {
        return;
    }
    const auto until = hold->until == system::WallTime::max() ? std::string("somebody lifts it")
                                                              : system::format_rfc3339(hold->until);
    throw Error(ErrorCode::refused,
                fmt::format("cannot change '{}': {} holds it until {}: {}", target, hold->by, until,
                            hold->reason),
                fmt::format("agree with them, then type: drctl unhold {}", target));
}

} // namespace drctl::engine
