// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"

#include <map>
#include <optional>
#include <string>

namespace drctl::engine {

/// What a run has learned and later steps (or a later process) need: the chosen backup, the
/// identities before an exchange. Values are text; structured ones are JSON. No secrets, no row
/// data.
class DRCTL_API Facts {
  public:
    Facts() = default;
    explicit Facts(std::map<std::string, std::string> values) : values_(std::move(values)) {}

    void set(const std::string& key, std::string value) { values_[key] = std::move(value); }
    [[nodiscard]] std::optional<std::string> get(const std::string& key) const;
    /// Throws Error(bug) when the fact was never recorded.
    [[nodiscard]] const std::string& require(const std::string& key) const;
    [[nodiscard]] const std::map<std::string, std::string>& all() const noexcept { return values_; }

  private:
    std::map<std::string, std::string> values_;
};

/// Names of facts that the engine itself reads.
namespace fact {
inline constexpr const char* outage_began = "outage.began"; ///< milliseconds since the epoch
inline constexpr const char* outage_ended = "outage.ended";
/// RFC 3339: since when the services that write are down; empty while they are not.
inline constexpr const char* quiet_since = "services.quiet_since";
/// RFC 3339: until when what was written is lost, for the plan could only tell how much it was
/// then. Known once it is replaced.
inline constexpr const char* loss_until = "loss.until";
/// A duration: how much of it somebody has agreed to; empty if to all of it.
inline constexpr const char* loss_accepted = "loss.accepted";
inline constexpr const char* identity = "target.identity";
} // namespace fact

} // namespace drctl::engine
