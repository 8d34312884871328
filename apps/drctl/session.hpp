// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/load.hpp"
#include "context.hpp"
#include "deadline.hpp"
#include "engine/environment.hpp"
#include "engine/run_store.hpp"
#include "procedure_options.hpp"
#include "views/narrator.hpp"
#include "views/prompter.hpp"

#include <filesystem>

namespace drctl::app {

/// What the engine needs of the world, put together for one command.
class Session {
  public:
    Session(Context& context, const std::filesystem::path& state_directory,
            const ProcedureOptions& options);

    [[nodiscard]] const engine::Environment& environment() const noexcept { return environment_; }
    [[nodiscard]] views::Narrator& narrator() noexcept { return narrator_; }
    [[nodiscard]] engine::RunStore& store() noexcept { return store_; }

  private:
    views::Narrator narrator_;
    views::TerminalPrompter prompter_;
    engine::RunStore store_;
    Deadline deadline_;
    engine::Environment environment_;
};

/// The file that the options or the environment name.
[[nodiscard]] config::ChosenFile chosen_file(const Context& context);

/// The configuration that the options name. Throws what config::load() throws.
[[nodiscard]] config::LoadedConfig load_configuration(const Context& context);

/// Stops at mistakes in what the target uses, and tells the others as warnings.
void require_usable(const config::LoadedConfig& loaded, const config::Target& target,
                    engine::Observer& observer);

/// How much is to be said.
[[nodiscard]] views::Detail detail_of(const CommonOptions& options) noexcept;

/// Prints a report as the options want it; the exit code is the report's own.
ExitCode show_report(Context& context, const Report& report);

} // namespace drctl::app
