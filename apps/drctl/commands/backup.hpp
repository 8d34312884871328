// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command.hpp"
#include "config/load.hpp"
#include "options.hpp"

#include <string>
#include <vector>

/// What the subcommands of `drctl backup` have in common.
namespace drctl::app::commands {

std::unique_ptr<Command> make_backup_list();
std::unique_ptr<Command> make_backup_verify();

/// Whose backups are meant: `[db] [NAME] [FILE…]`. Each may be left out, so that only the
/// configuration tells what a word is.
class BackupWords {
  public:
    void define(CLI::App& app, bool files);

    struct Meaning {
        const config::Database* database = nullptr; ///< one of the configuration
        std::vector<fs::path> files;
    };
    /// Throws Error(usage) for a word that is neither a configured database nor a file.
    [[nodiscard]] Meaning meaning(const config::LoadedConfig& loaded) const;

  private:
    std::string kind_;
    std::string name_;
    std::vector<std::string> files_;
};

} // namespace drctl::app::commands
