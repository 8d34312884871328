// SPDX-License-Identifier: Apache-2.0
#include "commands/backup.hpp"

#include "commands/commands.hpp"
#include "drctl/error.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>

namespace drctl::app::commands {
namespace {

constexpr const char* databases = "db";

bool looks_like_a_file(const std::string& word) {
    std::error_code error;
    return word.find('/') != std::string::npos || fs::exists(word, error);
}

class Backup final : public CommandGroup {
  public:
    Backup() {
        children_.push_back(make_backup_list());
        children_.push_back(make_backup_verify());
    }

    const Page& page() const override {
        static const Page page{
            .name = "backup",
            .summary = "list the backups there are, and verify them",
            .text = R"(
A backup that nobody has read to its end is a hope. `verify` reads them; `list` says what is known.
Without a command: `list`.
)",
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage, ExitCode::refused},
        };
        return page;
    }
};

} // namespace

void BackupWords::define(CLI::App& app, bool files) {
    add_text(app, "KIND", kind_, "db", "Of what: `db`, the databases; may be left out");
    add_text(app, "NAME", name_, "",
             "The database, as it is called in the configuration; default: the only one");
    if (files) {
        app.add_option("FILE", files_,
                       "A backup, wherever it lies; default: all that are configured")
            ->type_name("FILE");
    }
}

BackupWords::Meaning BackupWords::meaning(const config::LoadedConfig& loaded) const {
    std::vector<std::string> words{kind_, name_};
    words.insert(words.end(), files_.begin(), files_.end());
    words.erase(std::remove(words.begin(), words.end(), ""), words.end());
    auto word = words.begin();
    if (word != words.end() && *word == databases) {
        ++word;
    }
    Meaning meaning;
    const auto& configured = loaded.config.databases;
    const bool named =
        word != words.end() && (configured.count(*word) != 0 || !looks_like_a_file(*word));
    meaning.database =
        &config::choose_database(loaded, named ? std::optional(*word) : std::nullopt);
    if (named) {
        ++word;
    }
    for (; word != words.end(); ++word) {
        meaning.files.emplace_back(*word);
    }
    return meaning;
}

std::unique_ptr<Command> make_backup() {
    return std::make_unique<Backup>();
}

} // namespace drctl::app::commands
