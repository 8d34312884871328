// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/statement.hpp"

#include <memory>
#include <string>
#include <vector>

namespace drctl::postgres::restore {

/// A parameter and the statement that set it last.
struct AppliedSetting {
    std::string parameter; ///< lower case
    std::string text;
    friend bool operator==(const AppliedSetting&, const AppliedSetting&) = default;
};

/// What a dump has set in its session so far, in the order of the last settings.
using SettingList = std::vector<AppliedSetting>;

/// Follows the settings of a dump, for sessions that join in later.
class SettingTrail {
  public:
    void apply(const dump::Statement& setting);
    /// The state now. Shared by all jobs that were made between two settings: thousands may
    /// wait with the same list.
    [[nodiscard]] const std::shared_ptr<const SettingList>& now() const noexcept { return list_; }

  private:
    std::shared_ptr<const SettingList> list_ = std::make_shared<const SettingList>();
};

/// The statements that bring a session from one state to another, in order. Settings that are in
/// `from` only are reset; the role and the session's user change last, because what they
/// may set themselves is less.
[[nodiscard]] std::vector<std::string> changes_between(const SettingList& from,
                                                       const SettingList& to);

} // namespace drctl::postgres::restore
