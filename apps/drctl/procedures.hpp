// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "context.hpp"
#include "engine/procedure.hpp"
#include "engine/run_record.hpp"
#include "procedures/toolbox.hpp"

#include <filesystem>
#include <memory>

namespace drctl::app {

/// The parts of the world that procedures act through.
[[nodiscard]] procedures::Toolbox toolbox_of(const Context& context,
                                             const std::filesystem::path& state_directory);

/// The procedure that a journal describes, from the configuration and the options that it kept.
/// Throws Error(refused) for one that this version does not know.
[[nodiscard]] std::unique_ptr<engine::Procedure>
recorded_procedure(const engine::RunRecord& record, const procedures::Toolbox& tools,
                   const Context& context);

} // namespace drctl::app
