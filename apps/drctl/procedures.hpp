// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "context.hpp"
#include "engine/procedure.hpp"
#include "engine/run_record.hpp"
#include "procedures/toolbox.hpp"
#include "system/http.hpp"

#include <filesystem>
#include <memory>

namespace drctl::app {

/// What procedures act with, for one command; must outlive them.
class Tools {
  public:
    Tools(const Context& context, std::filesystem::path state_directory)
        : toolbox_{&context.processes, &http_, &context.clock, std::move(state_directory)} {}
    [[nodiscard]] const procedures::Toolbox& toolbox() const noexcept { return toolbox_; }

  private:
    system::CurlHttpClient http_;
    procedures::Toolbox toolbox_;
};

/// The procedure that a journal describes, from the configuration and the options that it kept.
/// Throws Error(refused) for one that this version does not know.
[[nodiscard]] std::unique_ptr<engine::Procedure>
recorded_procedure(const engine::RunRecord& record, const Tools& tools, const Context& context);

} // namespace drctl::app
