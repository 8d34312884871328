// SPDX-License-Identifier: Apache-2.0
#include "config/init.hpp"

#include "config/decode.hpp"
#include "config/host_survey.hpp"
#include "config/reference.hpp"
#include "drctl/error.hpp"
#include "engine/state_directory.hpp"
#include "system/files.hpp"
#include "system/shell_words.hpp"
#include "system/units.hpp"
#include "system/users.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <fmt/format.h>
#include <set>
#include <unistd.h>

namespace drctl::config {
namespace {

Value text_value(std::string text) {
    return {std::move(text), {}};
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

bool is_globals(const FoundDumps& dumps) {
    const auto name = lower(dumps.pattern);
    return name.find("global") != std::string::npos || name.find("roles") != std::string::npos;
}

std::string seen(const FoundDumps& dumps) {
    return fmt::format("Found {} {} there, the newest of {}.", dumps.count,
                       dumps.count == 1 ? "file" : "files", system::format_rfc3339(dumps.newest));
}

/// A name of a section that is like `wanted` and not among `used`, to which it is added.
std::string unique_name(std::set<std::string>& used, const std::string& wanted,
                        const std::string& suffix) {
    constexpr std::size_t longest = 40; // with a suffix still within what a name may have
    std::string name;
    for (const char c : wanted.substr(0, longest)) {
        const bool fits = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
                          (!name.empty() && (c == '-' || c == '.'));
        name += fits ? c : '_';
    }
    while (!used.insert(name).second) {
        name += suffix;
    }
    return name;
}

/// Turns what was found into sections.
class Drafter {
  public:
    explicit Drafter(const HostSurvey& survey) : survey_(survey) {}

    std::vector<Draft> run() {
        add(find_section("state"));
        for (const auto& cluster : survey_.clusters) {
            add_server(cluster);
        }
        for (const auto& unit : survey_.application_units) {
            add_application(unit);
        }
        for (const auto& cluster : survey_.clusters) {
            for (const auto& database : cluster.databases) {
                add_database(cluster, database);
            }
            if (cluster.databases.empty()) {
                add_unknown_database(cluster);
            }
        }
        return std::move(drafts_);
    }

  private:
    Draft& add(const SectionInfo* section, std::string name = {}) {
        auto& draft = drafts_.emplace_back();
        draft.section = section;
        draft.name = std::move(name);
        return draft;
    }

    [[nodiscard]] std::string server_of(const FoundCluster& cluster) const {
        return survey_.clusters.size() == 1
                   ? std::string("postgres")
                   : fmt::format("postgres-{}-{}", cluster.version, cluster.name);
    }

    void add_server(const FoundCluster& cluster) {
        if (cluster.unit) {
            service_names_.insert(server_of(cluster));
            add(find_section("service"), server_of(cluster)).lines = {
                {"unit", text_value(*cluster.unit)}};
        }
    }

    void add_application(const std::string& unit) {
        auto& draft = add(find_section("service"),
                          unique_name(service_names_, unit.substr(0, unit.rfind('.')), "-app"));
        draft.lines = {{"unit", text_value(unit)}};
        draft.remarks = {"Its unit file names PostgreSQL."};
        applications_.push_back(text_value(draft.name));
    }

    [[nodiscard]] std::size_t database_count() const {
        std::size_t count = 0;
        for (const auto& cluster : survey_.clusters) {
            count += std::max<std::size_t>(1, cluster.databases.size());
        }
        return count;
    }

    /// The keys that are known of a database by its cluster.
    [[nodiscard]] std::vector<Draft::Line> lines_for(const FoundCluster& cluster) const {
        std::vector<Draft::Line> lines{
            {"connection", text_value(fmt::format("host=/var/run/postgresql port={} user={}",
                                                  cluster.port, cluster.owner))},
            {"os_user", text_value(cluster.owner)},
            {"data_dir", text_value(cluster.data_dir.string())},
        };
        if (cluster.config_file) {
            lines.push_back({"config_file", text_value(cluster.config_file->string())});
        }
        if (cluster.bin_dir) {
            lines.push_back({"bin_dir", text_value(cluster.bin_dir->string())});
        }
        if (cluster.unit) {
            lines.push_back({"server", text_value(server_of(cluster))});
        }
        if (!applications_.empty()) {
            // Which application writes to which of several databases, units do not say.
            lines.push_back({"stop", Value{applications_, {}}, database_count() == 1});
        }
        return lines;
    }

    void add_database(const FoundCluster& cluster, const std::string& database) {
        const auto name = unique_name(database_names_, database,
                                      fmt::format("-{}-{}", cluster.version, cluster.name));
        auto& draft = add(find_section("database"), name);
        draft.lines = lines_for(cluster);
        if (name != database) {
            draft.lines.push_back({"dbname", text_value(database)});
        }
        if (!applications_.empty()) {
            draft.remarks = {"Check 'stop': it must name every service that writes to this "
                             "database."};
        }
        add_backups(name, database);
    }

    void add_unknown_database(const FoundCluster& cluster) {
        auto& draft = add(find_section("database"), "NAME");
        draft.lines = lines_for(cluster);
        draft.active = false;
        draft.remarks = {
            fmt::format("The cluster {}/{} {}, so its databases are not known. Write one such "
                        "section for each.",
                        cluster.version, cluster.name,
                        cluster.online ? "did not answer or has no database" : "is down")};
    }

    /// The dumps whose names name the database; else, if there is but one database, the newest.
    [[nodiscard]] const FoundDumps* dumps_of(const std::string& database) const {
        for (const auto& dumps : survey_.dumps) {
            if (!is_globals(dumps) &&
                lower((dumps.dir / dumps.pattern).string()).find(lower(database)) !=
                    std::string::npos) {
                return &dumps;
            }
        }
        const auto first = std::find_if(survey_.dumps.begin(), survey_.dumps.end(),
                                        [](const FoundDumps& dumps) { return !is_globals(dumps); });
        return database_count() == 1 && first != survey_.dumps.end() ? &*first : nullptr;
    }

    void add_backups(const std::string& name, const std::string& database) {
        const auto* dumps = dumps_of(database);
        if (dumps == nullptr) {
            return;
        }
        auto& draft = add(find_section("database", "backups"), name);
        draft.lines = {{"dir", text_value(dumps->dir.string())},
                       {"pattern", text_value(dumps->pattern)}};
        draft.remarks = {seen(*dumps)};
        if (lower((dumps->dir / dumps->pattern).string()).find(lower(database)) ==
            std::string::npos) {
            draft.remarks.push_back(
                "Check that they are of this database: their names do not say.");
        }
        for (const auto& candidate : survey_.dumps) {
            if (candidate.dir == dumps->dir && is_globals(candidate)) {
                draft.lines.push_back({"globals", text_value(candidate.pattern)});
                break;
            }
        }
    }

    const HostSurvey& survey_;
    std::vector<Draft> drafts_;
    Array applications_;
    std::set<std::string> service_names_;
    std::set<std::string> database_names_;
};

} // namespace

std::string draft_configuration(const fs::path& root, const system::ProcessRunner& processes,
                                system::StopToken stop) {
    const auto survey = survey_host(root, processes, stop);
    auto text = commented_file(
        {"The configuration of drctl, written by 'drctl config init' from what it found on this "
         "host.",
         "Lines that begin with '# ' explain; lines that begin with '#' alone are settings not in "
         "force: their default, or an example. Afterwards run 'drctl config check'."},
        Drafter(survey).run());
    if (const auto problems = decode(Document::parse(text, "draft")).problems; !problems.empty()) {
        throw Error(ErrorCode::bug, "cannot draft a configuration: " + problems.front().text());
    }
    return text;
}

void write_configuration(const fs::path& target, const std::string& text) {
    std::error_code ignored;
    if (fs::symlink_status(target, ignored).type() != fs::file_type::not_found) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot write '{}': there is such a file", target.string()),
                    "keep it, or move it away first: sudo mv " +
                        system::shell_line({target.string(), target.string() + ".old"}));
    }
    try {
        system::make_directories(fs::absolute(target).parent_path(), 0755);
        system::write_file_atomically(target, text, 0640);
    } catch (const Error& error) {
        const auto cause = error.context_value("errno");
        if (cause == "EACCES" || cause == "EPERM" || cause == "EROFS") {
            throw Error(ErrorCode::refused, error.message(), "type: sudo drctl config init");
        }
        throw;
    }
    // The group that may read the configuration, where this host has it.
    if (const auto group = system::find_group(engine::readers_group)) {
        // Only root may, and without it the file is merely less readable.
        static_cast<void>(!::chown(target.c_str(), static_cast<uid_t>(-1), *group));
    }
}

} // namespace drctl::config
