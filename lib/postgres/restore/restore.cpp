// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/restore.hpp"

#include "postgres/restore/plain_restore.hpp"
#include "postgres/restore/tuning.hpp"

namespace drctl::postgres::restore {

namespace {

RestoreResult restore_text(const OpenText& open, const Target& side_database,
                           const dump::Outline& outline, const RestoreOptions& options,
                           const ProgressSink& progress, system::StopToken stop) {
    const auto tuning =
        tuning_for(options.jobs, cores_of_this_machine(), options.memory, memory_of_this_machine());
    return PlainRestore(side_database, outline, tuning, progress, stop).run(open);
}

} // namespace

RestoreResult restore_plain(const Target& side_database, const fs::path& dump,
                            const dump::Outline& outline, const RestoreOptions& options,
                            const ProgressSink& progress, system::StopToken stop) {
    return restore_text(text_of_file(dump), side_database, outline, options, progress, stop);
}

RestoreResult restore_archive(const Target& side_database, const fs::path& archive,
                              const dump::Outline& outline, const RestoreOptions& options,
                              const ProgressSink& progress, system::StopToken stop) {
    const auto pg_restore = options.bin_dir / "pg_restore"; // of an empty path: by $PATH
    return restore_text(text_of_archive(pg_restore, archive, outline.bytes), side_database, outline,
                        options, progress, stop);
}

} // namespace drctl::postgres::restore
