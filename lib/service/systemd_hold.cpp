// SPDX-License-Identifier: Apache-2.0
#include "service/systemd_hold.hpp"

#include "service/words.hpp"
#include "system/files.hpp"

#include <fmt/core.h>
#include <sstream>

namespace drctl::service {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view triggers_key = "Triggers=";
constexpr std::string_view active_key = "ActiveTriggers=";

std::string joined(const std::vector<std::string>& names) {
    std::string line;
    for (const auto& name : names) {
        line += line.empty() ? name : " " + name;
    }
    return line;
}

/// A condition without `|` has to be met beside all others, and this one never is: systemd
/// skips the unit, whoever starts it. It reads over sections whose name begins with X-.
std::string content_for(const std::string& unit, const SystemdHold::Memory& memory) {
    std::string text =
        "# Written by drctl: a recovery keeps this unit down. It goes with the end of "
        "the run,\n# by 'drctl runs undo', or by a reboot.\n"
        "[Unit]\nConditionPathExists=!/\n";
    if (unit.ends_with(".service")) {
        text += "[Service]\nRestart=no\n";
    }
    return text + fmt::format("[X-Drctl]\n{}{}\n{}{}\n", triggers_key, joined(memory.triggers),
                              active_key, joined(memory.active));
}

} // namespace

SystemdHold::SystemdHold(fs::path units, std::string unit)
    : units_(std::move(units)), unit_(std::move(unit)) {}

fs::path SystemdHold::drop_in_of(const std::string& unit) const {
    return units_ / (unit + ".d") / "90-drctl-hold.conf";
}

fs::path SystemdHold::lifted_drop_in() const {
    // systemd reads only what ends in .conf.
    return drop_in_of(unit_).replace_extension(".lifted");
}

bool SystemdHold::in_force() const {
    return system::identity_of(drop_in_of(unit_)).has_value();
}

bool SystemdHold::lifted() const {
    return system::identity_of(lifted_drop_in()).has_value();
}

std::optional<SystemdHold::Memory> SystemdHold::memory() const {
    if (!in_force() && !lifted()) {
        return std::nullopt;
    }
    std::istringstream lines(system::read_file(in_force() ? drop_in_of(unit_) : lifted_drop_in()));
    Memory memory;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(triggers_key)) {
            memory.triggers = words_of(line.substr(triggers_key.size()));
        } else if (line.starts_with(active_key)) {
            memory.active = words_of(line.substr(active_key.size()));
        }
    }
    return memory;
}

void SystemdHold::impose(const Memory& memory) const {
    // The unit's own first: it is the memory, and without it nobody would lift the others.
    const auto write = [this](const std::string& unit, const Memory& remembered) {
        system::make_directories(drop_in_of(unit).parent_path(), 0755);
        system::write_file_atomically(drop_in_of(unit), content_for(unit, remembered), 0644);
    };
    write(unit_, memory);
    for (const auto& trigger : memory.triggers) {
        write(trigger, {});
    }
}

void SystemdHold::lift() const {
    const auto remembered = memory();
    if (!remembered) {
        return;
    }
    if (in_force()) {
        system::remove_file(lifted_drop_in()); // of an earlier hold that was not ended
        system::rename_durably(drop_in_of(unit_), lifted_drop_in());
    }
    for (const auto& trigger : remembered->triggers) {
        system::remove_file(drop_in_of(trigger));
        system::remove_directory_if_empty(drop_in_of(trigger).parent_path());
    }
}

void SystemdHold::forget() const {
    system::remove_file(lifted_drop_in());
    system::remove_directory_if_empty(drop_in_of(unit_).parent_path());
}

} // namespace drctl::service
