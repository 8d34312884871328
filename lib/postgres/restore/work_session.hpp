// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/connection.hpp"
#include "postgres/restore/session_settings.hpp"
#include "postgres/restore/tuning.hpp"

#include <memory>
#include <optional>

namespace drctl::postgres::restore {

/// A session that works on a restore: tuned for it, and brought to where the dump's own session
/// is whenever a job asks for that.
class WorkSession {
  public:
    WorkSession(const Target& database, const Tuning& tuning, system::StopToken stop);

    [[nodiscard]] Connection& connection() noexcept { return connection_; }

    /// Brings the session to the dump's settings. Parameters that this server does not know are
    /// passed over, as the statement that sets them is when its turn comes.
    void adopt(const std::shared_ptr<const SettingList>& settings);
    /// How many further processes the next index build may use.
    void set_helpers(unsigned helpers);

  private:
    Connection connection_;
    std::shared_ptr<const SettingList> adopted_ = std::make_shared<const SettingList>();
    std::optional<unsigned> helpers_; ///< as last set
};

} // namespace drctl::postgres::restore
