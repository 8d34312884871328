// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/service.hpp"
#include "service/systemd_hold.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace drctl::service {

/// A systemd unit, by systemctl. start() and stop() wait for systemd's job. That a unit was
/// started does not mean that its server answers: Debian's postgresql@.service ignores
/// failures, so callers look at the server itself.
///
/// A held unit is skipped by systemd whoever starts it, and is not restarted when it dies. Units
/// that trigger it are held too, and stopped together with it (a socket cannot be started
/// again while its service runs, so not before); release() starts those that were active.
class SystemdService final : public Service {
  public:
    /// `units`: /run/systemd/system, another directory in tests.
    SystemdService(config::Service configuration, const system::ProcessRunner& processes,
                   std::filesystem::path units);

    [[nodiscard]] const std::string& name() const override { return configuration_.name; }
    [[nodiscard]] std::string resource() const override { return "unit/" + unit_; }
    [[nodiscard]] std::vector<std::string> forbidden() const override;
    [[nodiscard]] Status status(system::StopToken stop) override;
    void start(system::StopToken stop) override;
    void stop(system::StopToken stop) override;
    void hold(system::StopToken stop) override;
    void release(system::StopToken stop) override;
    [[nodiscard]] bool held() const override;
    [[nodiscard]] std::string last_words(system::StopToken stop) override;

  private:
    struct Properties;
    [[nodiscard]] Properties show(const std::string& unit, system::StopToken stop) const;
    [[nodiscard]] Properties show_own(system::StopToken stop) const;
    [[nodiscard]] system::ProcessResult run(const system::Argv& argv, const char* purpose,
                                            system::StopToken stop) const;
    /// systemctl VERB UNITS; throws where it fails.
    void systemctl(const std::vector<std::string>& words, const char* purpose,
                   system::StopToken stop) const;
    void require_systemd() const;
    void require_write_access() const;
    [[nodiscard]] SystemdHold hold_of_unit() const;

    config::Service configuration_;
    const system::ProcessRunner& processes_;
    std::filesystem::path units_;
    std::string unit_; ///< with its suffix
};

} // namespace drctl::service
