// SPDX-License-Identifier: Apache-2.0
#include "postgres/managers.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

namespace drctl::postgres {
namespace {

struct ManagerRow {
    std::string_view name;
    std::string_view program; ///< a word of the command line whose last path component this is
    std::string_view file;    ///< in the data directory; empty: leaves none
    std::string_view library; ///< in shared_preload_libraries; empty: has none
    std::string_view hint;
};

constexpr std::array managers{
    ManagerRow{"Patroni", "patroni", "patroni.dynamic.json", "",
               "use patronictl (pause, reinit, restart), or remove the file if Patroni is gone"},
    ManagerRow{"repmgr", "repmgrd", "", "repmgr",
               "use repmgr (standby clone, node rejoin), or take it out of "
               "shared_preload_libraries if it is gone"},
    ManagerRow{"pg_auto_failover", "pg_autoctl", "", "pgautofailover", "use pg_autoctl"},
    ManagerRow{"Stolon", "stolon-keeper", "", "", "use stolonctl"},
    ManagerRow{"Pacemaker", "pacemakerd", "", "",
               "use pcs or crm: put the resource into maintenance first"},
};

std::string content_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream content;
    // A process that ends while its files are read makes reading fail; this operator takes that
    // for the end, where an iterator would throw.
    content << in.rdbuf();
    return content.str();
}

bool is_number(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// True if one of the first words of a command line (after an interpreter) is that program.
bool runs(const std::string& command_line, std::string_view program) {
    std::istringstream words(command_line);
    constexpr int looked_at = 3;
    std::string word;
    for (int i = 0; i < looked_at && std::getline(words, word, '\0'); ++i) {
        if (fs::path(word).filename() == program) {
            return true;
        }
    }
    return false;
}

/// The id of a process that runs `program`, or nothing.
std::optional<std::string> process_of(std::string_view program, const fs::path& proc) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(proc, error)) {
        const auto pid = entry.path().filename().string();
        if (is_number(pid) && runs(content_of(entry.path() / "cmdline"), program)) {
            return pid;
        }
    }
    return std::nullopt;
}

bool lists_library(std::string_view list, std::string_view library) {
    std::istringstream words{std::string(list)};
    for (std::string word; std::getline(words, word, ',');) {
        std::erase_if(
            word, [](unsigned char c) { return std::isspace(c) != 0 || c == '\'' || c == '"'; });
        if (fs::path(word).stem() == library) {
            return true;
        }
    }
    return false;
}

std::optional<std::string> sign_of(const ManagerRow& row, const fs::path& data_directory,
                                   std::string_view preload_libraries, const SystemFiles& files) {
    std::error_code error;
    if (!row.file.empty() && fs::exists(data_directory / row.file, error)) {
        return fmt::format("'{}' exists", (data_directory / row.file).string());
    }
    if (!row.library.empty() && lists_library(preload_libraries, row.library)) {
        return fmt::format("shared_preload_libraries has {}", row.library);
    }
    if (const auto pid = process_of(row.program, files.proc)) {
        return fmt::format("{} runs as process {}", row.program, *pid);
    }
    return std::nullopt;
}

} // namespace

std::optional<Manager> find_manager(const fs::path& data_directory,
                                    std::string_view preload_libraries, const SystemFiles& files) {
    for (const auto& row : managers) {
        if (auto sign = sign_of(row, data_directory, preload_libraries, files)) {
            return Manager{std::string(row.name), std::move(*sign), std::string(row.hint)};
        }
    }
    return std::nullopt;
}

} // namespace drctl::postgres
