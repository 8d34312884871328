// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "system/clock.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace drctl::engine {

/// A person's word that nothing may change a target for a while.
struct Hold {
    std::string target;
    std::string by;
    std::string reason;
    system::WallTime until;
};

/// The holds of a host, one file each below `<state>/holds`. An expired one holds nothing.
class DRCTL_API Holds {
  public:
    Holds(std::filesystem::path directory, const system::Clock& clock);

    [[nodiscard]] std::optional<Hold> find(const std::string& target) const;
    [[nodiscard]] std::vector<Hold> list() const;
    void set(const Hold& hold);
    /// False if there was none.
    bool remove(const std::string& target);
    /// Throws Error(refused) that says who holds the target, why and until when.
    void refuse_if_held(const std::string& target) const;

  private:
    std::filesystem::path directory_;
    const system::Clock& clock_;
};

} // namespace drctl::engine
