// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/environment.hpp"
#include "views/console.hpp"

#include <optional>
#include <string>

namespace drctl::app::views {

/// Asks at the terminal. Enter, end of input and anything that is not the answer mean no; a stop
/// request ends the question with Error(interrupted).
class TerminalPrompter final : public engine::Prompter {
  public:
    TerminalPrompter(Console& console, system::StopToken stop) : console_(console), stop_(stop) {}

    bool go_ahead(const std::string& question) override;
    bool agree_to_loss(const std::string& target, const std::string& loss) override;

  private:
    std::optional<std::string> read_line();

    Console& console_;
    system::StopToken stop_;
};

} // namespace drctl::app::views
