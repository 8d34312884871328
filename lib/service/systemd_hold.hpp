// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace drctl::service {

/// The drop-ins that keep a unit and those that trigger it (sockets, timers, paths) down. They
/// lie below /run/systemd/system, so a reboot removes them. The drop-in of the unit itself
/// also remembers what has to be started again: whoever releases it may be another process.
///
/// Released in two steps, since a crash between them must not lose that memory: lift() renames
/// the unit's drop-in so that systemd no longer reads it, forget() removes it once all is
/// started again.
class SystemdHold {
  public:
    struct Memory {
        std::vector<std::string> triggers; ///< held with the unit
        std::vector<std::string> active;   ///< those of them that were active
    };

    /// `units`: /run/systemd/system. `unit` and all names in Memory with their suffix.
    SystemdHold(std::filesystem::path units, std::string unit);

    [[nodiscard]] bool in_force() const;
    /// Lifted, but not yet forgotten.
    [[nodiscard]] bool lifted() const;
    /// Nothing if there is no drop-in, in force or lifted.
    [[nodiscard]] std::optional<Memory> memory() const;

    void impose(const Memory& memory) const;
    void lift() const;
    void forget() const;

  private:
    [[nodiscard]] std::filesystem::path drop_in_of(const std::string& unit) const;
    [[nodiscard]] std::filesystem::path lifted_drop_in() const;

    std::filesystem::path units_;
    std::string unit_;
};

} // namespace drctl::service
