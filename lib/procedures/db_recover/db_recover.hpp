// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/load.hpp"
#include "drctl/export.hpp"
#include "engine/ladder.hpp"
#include "engine/procedure.hpp"
#include "procedures/db_recover/options.hpp"
#include "procedures/db_target.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace drctl::procedures {

/// Brings a PostgreSQL database back: what the ladder of docs/db-recover.md says, no more.
///
///     wait-for-server   it is recovering by itself
///     start-server      it is down
///     restore-database  it is damaged or gone: copy beside it, verify, swap, keep the old one
///     restore-beside    a copy was asked for, nothing else is touched
///     swap-copy         the copy of another run was asked for
class DRCTL_API DbRecover final : public engine::Procedure {
  public:
    /// Throws Error(usage) for an unknown target, options that contradict each other, or a
    /// database of another host.
    DbRecover(const config::LoadedConfig& configuration, const std::string& name,
              DbRecoverOptions options, const Toolbox& tools, system::StopToken stop);

    [[nodiscard]] std::string name() const override { return "db-recover"; }
    [[nodiscard]] std::string target() const override { return target_.database().name; }
    [[nodiscard]] std::vector<std::string> resources() const override;
    [[nodiscard]] std::map<std::string, std::string> configuration() const override;
    [[nodiscard]] std::map<std::string, std::string> options() const override {
        return to_flat(options_);
    }
    void adopt_options(const std::map<std::string, std::string>& options) override {
        options_ = options_from_flat(options);
    }

    engine::Assessment assess(const engine::LookContext& context) override;
    engine::Plan plan(const engine::Assessment& assessment,
                      const engine::LookContext& context) override;
    std::vector<engine::PlannedStep> rebuild(const std::string& rung,
                                             const engine::Facts& facts) override;
    std::vector<std::string>
    differences(const std::map<std::string, std::string>& recorded_configuration,
                const engine::LookContext& context) override;
    [[nodiscard]] bool failure_is_evidence(const std::string& rung) const override;
    [[nodiscard]] std::vector<Report::Kept> kept(const engine::Facts& facts,
                                                 const std::string& run_id) override;
    void prune(const engine::LookContext& context) override;

    /// What the command line and the configuration say about losing data of this target.
    [[nodiscard]] engine::ConsentPolicy
    consent_policy(const std::optional<engine::LossLimit>& accepted, bool at_terminal) const;

  private:
    config::Document document_;
    DbTarget target_;
    DbRecoverOptions options_;
};

} // namespace drctl::procedures
