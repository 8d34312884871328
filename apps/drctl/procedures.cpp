// SPDX-License-Identifier: Apache-2.0
#include "procedures.hpp"

#include "drctl/error.hpp"
#include "procedures/db_recover/db_recover.hpp"

#include <fmt/format.h>

namespace drctl::app {

procedures::Toolbox toolbox_of(const Context& context,
                               const std::filesystem::path& state_directory) {
    return {&context.processes, &context.http, &context.clock, state_directory, &context.redactor};
}

std::unique_ptr<engine::Procedure> recorded_procedure(const engine::RunRecord& record,
                                                      const procedures::Toolbox& tools,
                                                      const Context& context) {
    const auto& header = record.header;
    if (header.procedure != "db-recover") {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot touch run {}: this drctl knows no procedure '{}'",
                                header.run, header.procedure),
                    fmt::format("use the version that made it: drctl {}", header.version));
    }
    const auto recorded =
        config::load_recorded(header.configuration, "the journal of run " + header.run);
    return procedures::make_db_recover(recorded, header.target,
                                       procedures::options_from_flat(header.options), tools,
                                       context.stop.token());
}

} // namespace drctl::app
