// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/restore.hpp"

#include "postgres/restore/plain_restore.hpp"
#include "postgres/restore/tuning.hpp"

namespace drctl::postgres::restore {

RestoreResult restore_plain(const Target& side_database, const fs::path& dump,
                            const dump::Outline& outline, const RestoreOptions& options,
                            const ProgressSink& progress, system::StopToken stop) {
    const auto tuning =
        tuning_for(options.jobs, cores_of_this_machine(), options.memory, memory_of_this_machine());
    PlainRestore restore(side_database, outline, tuning, progress, stop);
    return restore.run(dump);
}

} // namespace drctl::postgres::restore
