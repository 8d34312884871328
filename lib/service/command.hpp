// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/service.hpp"

#include <filesystem>
#include <string>

namespace drctl::service {

/// A service that is started, stopped and asked for by commands of the configuration, run as
/// its `os_user`. The start command must return: what it leaves running in the background is
/// the service. Held means that our own start() refuses; what else may start such a service
/// we cannot know.
class CommandService final : public Service {
  public:
    /// `holds`: a volatile directory for the marks of held services.
    CommandService(config::Service configuration, const system::ProcessRunner& processes,
                   std::filesystem::path holds);

    [[nodiscard]] const std::string& name() const override { return configuration_.name; }
    [[nodiscard]] std::string resource() const override { return "service/" + name(); }
    [[nodiscard]] std::vector<std::string> forbidden() const override;
    [[nodiscard]] Status status(system::StopToken stop) override;
    void start(system::StopToken stop) override;
    void stop(system::StopToken stop) override;
    void hold(system::StopToken stop) override;
    void release(system::StopToken stop) override;
    [[nodiscard]] bool held() const override;
    [[nodiscard]] std::string last_words(system::StopToken stop) override;

  private:
    system::ProcessResult run(const system::Argv& argv, const char* purpose,
                              system::StopToken stop);
    void run_to_success(const system::Argv& argv, const char* purpose, system::StopToken stop);
    [[nodiscard]] std::filesystem::path mark() const;

    config::Service configuration_;
    const system::ProcessRunner& processes_;
    std::filesystem::path holds_;
    std::string last_output_;
};

} // namespace drctl::service
