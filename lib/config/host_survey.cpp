// SPDX-License-Identifier: Apache-2.0
#include "config/host_survey.hpp"

#include "config/value.hpp"
#include "drctl/error.hpp"
#include "system/files.hpp"
#include "system/users.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <map>
#include <sstream>
#include <sys/stat.h>

namespace drctl::config {
namespace {

/// A program's output; nothing where it is missing or fails.
std::optional<std::string> output_of(const system::Argv& argv, system::ProcessOptions options,
                                     const system::ProcessRunner& processes,
                                     system::StopToken stop) {
    options.timeout = std::chrono::seconds(20);
    options.keep_output = std::size_t{1} << 20;
    try {
        auto result = processes.run(argv, options, stop);
        if (result.succeeded() && is_utf8(result.out)) {
            return std::move(result.out);
        }
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted) {
            throw;
        }
    }
    return std::nullopt;
}

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

/// Below another root than `/`.
fs::path below(const fs::path& root, const fs::path& path) {
    return root / path.relative_path();
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// `15 main 5432 online postgres /var/lib/postgresql/15/main /var/log/…`
std::optional<FoundCluster> parse_cluster(const std::string& line) {
    FoundCluster cluster;
    std::string status;
    std::string paths;
    std::istringstream stream(line);
    stream >> cluster.version >> cluster.name >> cluster.port >> status >> cluster.owner >> std::ws;
    std::getline(stream, paths);
    // The data directory may contain blanks, the log file that follows it hardly ever does.
    const auto end = paths.find_last_of(' ');
    if (end == std::string::npos) {
        return std::nullopt;
    }
    auto data_dir = paths.substr(0, end);
    data_dir.erase(data_dir.find_last_not_of(' ') + 1);
    cluster.data_dir = data_dir;
    cluster.online = status.rfind("online", 0) == 0;
    return cluster.data_dir.is_absolute() ? std::optional(cluster) : std::nullopt;
}

bool has_template_unit(const fs::path& root) {
    for (const auto* directory :
         {"/etc/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system"}) {
        if (is_there(below(root, directory) / "postgresql@.service")) {
            return true;
        }
    }
    return false;
}

/// The account that may ask the server; nothing where there is none to become.
std::optional<system::User> account_of(const FoundCluster& cluster) {
    try {
        return system::find_user(cluster.owner);
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::vector<std::string> databases_of(const FoundCluster& cluster,
                                      const system::ProcessRunner& processes,
                                      system::StopToken stop) {
    constexpr const char* query =
        "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate "
        "AND datname <> 'postgres' ORDER BY datname";
    system::ProcessOptions options;
    options.environment = {{"PGCONNECT_TIMEOUT", "5"}};
    if (system::running_as_root()) {
        options.user = account_of(cluster);
        if (!options.user) {
            return {};
        }
    }
    const system::Argv argv{
        cluster.bin_dir ? (*cluster.bin_dir / "psql").string() : "psql",
        "--no-psqlrc",
        "--no-password",
        "--no-align",
        "--tuples-only",
        "--host=/var/run/postgresql",
        "--port=" + cluster.port,
        "--dbname=postgres",
        std::string("--command=") + query,
    };
    const auto output = output_of(argv, options, processes, stop);
    return output ? lines_of(*output) : std::vector<std::string>{};
}

std::vector<FoundCluster> find_clusters(const fs::path& root,
                                        const system::ProcessRunner& processes,
                                        system::StopToken stop) {
    std::vector<FoundCluster> clusters;
    const auto listing = output_of({"pg_lsclusters", "--no-header"}, {}, processes, stop);
    for (const auto& line : lines_of(listing.value_or(""))) {
        auto cluster = parse_cluster(line);
        if (!cluster) {
            continue;
        }
        const auto instance = fs::path(cluster->version) / cluster->name;
        if (const auto path = "/etc/postgresql" / instance / "postgresql.conf";
            is_there(below(root, path))) {
            cluster->config_file = path;
        }
        if (const auto path = "/usr/lib/postgresql" / fs::path(cluster->version) / "bin";
            is_there(below(root, path))) {
            cluster->bin_dir = path;
        }
        if (has_template_unit(root)) {
            cluster->unit = "postgresql@" + cluster->version + "-" + cluster->name + ".service";
        }
        if (cluster->online) {
            cluster->databases = databases_of(*cluster, processes, stop);
        }
        clusters.push_back(std::move(*cluster));
    }
    return clusters;
}

/// True if a unit file orders itself after PostgreSQL or pulls it in.
bool needs_postgresql(const fs::path& unit) {
    std::string text;
    try {
        text = system::read_file(unit, 1 << 20);
    } catch (const Error&) {
        return false;
    }
    for (const auto& line : lines_of(text)) {
        const auto key = line.substr(0, line.find('='));
        const bool is_dependency = key == "After" || key == "Requires" || key == "Wants" ||
                                   key == "BindsTo" || key == "PartOf";
        if (is_dependency && line.find("postgresql") != std::string::npos) {
            return true;
        }
    }
    return false;
}

std::vector<std::string> find_application_units(const fs::path& root) {
    std::vector<std::string> units;
    std::error_code error;
    fs::directory_iterator entries(below(root, "/etc/systemd/system"), error);
    for (const fs::directory_iterator end; !error && entries != end; entries.increment(error)) {
        const auto name = entries->path().filename().string();
        std::error_code ignored;
        // Symlinks there enable units of packages; templates need an instance to be named.
        if (entries->path().extension() == ".service" && name.find('@') == std::string::npos &&
            is_utf8(name) && entries->symlink_status(ignored).type() == fs::file_type::regular &&
            needs_postgresql(entries->path())) {
            units.push_back(name);
        }
    }
    std::sort(units.begin(), units.end());
    return units;
}

bool looks_like_a_dump(const std::string& name) {
    constexpr std::array<std::string_view, 8> suffixes{
        ".sql", ".sql.gz", ".sql.zst", ".sql.xz", ".sql.bz2", ".sql.lz4", ".dump", ".pgdump"};
    return is_utf8(name) && std::any_of(suffixes.begin(), suffixes.end(), [&](auto suffix) {
               return name.size() > suffix.size() &&
                      name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
           });
}

std::vector<FoundDumps> find_dumps(const fs::path& root, system::StopToken stop) {
    constexpr int deepest = 3;
    std::map<std::pair<fs::path, std::string>, FoundDumps> groups;
    for (const fs::path start : {"/backups", "/var/backups"}) {
        std::error_code error;
        fs::recursive_directory_iterator entries(
            below(root, start), fs::directory_options::skip_permission_denied, error);
        for (const fs::recursive_directory_iterator end; !error && entries != end;
             entries.increment(error)) {
            stop.throw_if_requested();
            if (entries.depth() >= deepest) {
                entries.disable_recursion_pending();
            }
            struct stat status {};
            const auto name = entries->path().filename().string();
            if (!looks_like_a_dump(name) || ::stat(entries->path().c_str(), &status) != 0 ||
                !S_ISREG(status.st_mode)) {
                continue;
            }
            const auto dir = "/" / fs::relative(entries->path().parent_path(), root, error);
            auto& group = groups[{dir, pattern_of(name)}];
            group.dir = dir;
            group.pattern = pattern_of(name);
            ++group.count;
            group.newest =
                std::max(group.newest, std::chrono::system_clock::from_time_t(status.st_mtime));
        }
    }
    std::vector<FoundDumps> dumps;
    dumps.reserve(groups.size());
    for (auto& [key, group] : groups) {
        dumps.push_back(std::move(group));
    }
    std::stable_sort(dumps.begin(), dumps.end(),
                     [](const FoundDumps& a, const FoundDumps& b) { return a.newest > b.newest; });
    return dumps;
}

/// How much of the front of `text` is a time: digits, and what people put between them. At least
/// six digits in all, and not those of a name such as `shop2-…` or `pg15_…`. 0: it is none.
std::size_t length_of_time(std::string_view text, bool after_letter) {
    constexpr std::string_view digits = "0123456789";
    const auto first_group = std::min(text.find_first_not_of(digits), text.size());
    if (first_group < (after_letter ? 4U : 2U)) {
        return 0;
    }
    auto end = std::min(text.find_first_not_of("0123456789-_:.T"), text.size());
    end = text.find_last_of(digits, end - 1) + 1;
    const auto count = std::count_if(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end),
                                     [](char c) { return c >= '0' && c <= '9'; });
    return count < 6 ? 0 : end + (end < text.size() && text[end] == 'Z' ? 1 : 0);
}

} // namespace

std::string pattern_of(const std::string& file_name) {
    std::string result;
    std::string_view rest = file_name;
    while (!rest.empty()) {
        const bool after_letter =
            !result.empty() && std::isalpha(static_cast<unsigned char>(result.back())) != 0;
        if (const auto length = length_of_time(rest, after_letter)) {
            result += '*';
            rest.remove_prefix(length);
            continue;
        }
        // A number that is no time is kept whole: its tail must not be taken for one.
        const auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
        const auto kept = std::max<std::size_t>(digits, 1);
        result += rest.substr(0, kept);
        rest.remove_prefix(kept);
    }
    return result;
}

HostSurvey survey_host(const fs::path& root, const system::ProcessRunner& processes,
                       system::StopToken stop) {
    stop.throw_if_requested();
    return {find_clusters(root, processes, stop), find_application_units(root),
            find_dumps(root, stop)};
}

} // namespace drctl::config
