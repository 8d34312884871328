// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/ladder.hpp"
#include "options.hpp"

#include <optional>
#include <string>

namespace drctl::app {

struct Context;

/// The options that every procedure has, beside the shared ones.
struct ProcedureOptions {
    bool plan = false;
    bool exit_code = false;
    bool yes = false;
    bool resume = false;
    std::optional<engine::LossLimit> accept_data_loss;
    std::string expect_plan;
    std::string reason;
    std::string incident;
    std::optional<system::Duration> lock_timeout;
    std::optional<system::Duration> timeout;
};

/// All of them; `loses_data`: also --accept-data-loss.
void add_procedure_options(CLI::App& app, ProcedureOptions& options, bool loses_data);
/// Those of commands that change something without a plan: --yes, --reason, --incident,
/// --lock-timeout, --timeout.
void add_confirmation_options(CLI::App& app, ProcedureOptions& options);

/// Who has typed this, as reports name them.
[[nodiscard]] Report::By who(const std::vector<std::string>& argv);

/// What the engine is asked for, as far as the command line says it.
[[nodiscard]] engine::RunRequest request_of(const ProcedureOptions& options,
                                            const Context& context);

} // namespace drctl::app
