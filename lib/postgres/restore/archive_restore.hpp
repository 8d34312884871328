// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/restore/restore.hpp"
#include "postgres/restore/tuning.hpp"
#include "system/files.hpp"
#include "system/process.hpp"

#include <optional>
#include <string>

namespace drctl::postgres::restore {

/// pg_restore as the account that the server lets in, with what it needs to connect. The
/// password is in a file of that account's, never in argv or the environment.
class PgRestore {
  public:
    PgRestore(const system::ProcessRunner& processes, const Target& database,
              const RestoreOptions& options, const Tuning& tuning);

    /// `pg_restore -l`.
    [[nodiscard]] std::string contents(const fs::path& archive, system::StopToken stop);
    /// Restores the whole archive, or only the entries of `list` (lines of `contents`).
    /// Throws Error(failed), see archive_failure().
    void restore(const fs::path& archive, const std::optional<std::string>& list,
                 system::StopToken stop);

  private:
    [[nodiscard]] system::ProcessResult run(const system::Argv& arguments, system::StopToken stop);
    fs::path private_file(const std::string& name, std::string_view content);

    const system::ProcessRunner& processes_;
    system::Argv program_;
    unsigned jobs_;
    std::string conninfo_;
    system::ProcessOptions options_;
    system::TemporaryDirectory directory_;
};

} // namespace drctl::postgres::restore
