// SPDX-License-Identifier: Apache-2.0
#include "config/check.hpp"

#include "config/secrets.hpp"
#include "drctl/error.hpp"
#include "system/posix_error.hpp"
#include "system/shell_words.hpp"
#include "system/users.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/stat.h>

namespace drctl::config {
namespace {

/// What stands at a path, seen through symlinks.
enum class Found { nothing, file, directory, unknown };

class HostCheck {
  public:
    HostCheck(const LoadedConfig& loaded, const system::ProcessRunner& processes,
              system::Redactor& redactor, system::StopToken stop)
        : loaded_(loaded), processes_(processes), redactor_(redactor), stop_(stop) {}

    Problems run() {
        check_own_file();
        for (const auto& [name, service] : loaded_.config.services) {
            check_service(name, service);
        }
        for (const auto& [name, health] : loaded_.config.healths) {
            if (const auto* probe = std::get_if<Health::Command>(&health.probe)) {
                check_program({"health", name, "command"}, probe->argv);
            }
        }
        for (const auto& [name, database] : loaded_.config.databases) {
            check_database(name, database);
            check_backups(name, database);
            check_completeness(name, database);
        }
        return std::move(problems_);
    }

  private:
    /// `key` is the full path of the key; the problem belongs to the section around it.
    void add(Severity severity, const KeyPath& key, std::string message, std::string hint = {}) {
        const KeyPath section(key.begin(), key.end() - 1);
        const auto* value = loaded_.document.find(key);
        if (value == nullptr) {
            value = loaded_.document.find(section);
        }
        problems_.push_back({severity, path_text(section),
                             value == nullptr ? Origin{} : value->origin, std::move(message),
                             std::move(hint)});
    }

    Found look(const KeyPath& key, const fs::path& path) {
        struct stat status {};
        if (::stat(path.c_str(), &status) == 0) {
            return S_ISDIR(status.st_mode) ? Found::directory : Found::file;
        }
        if (errno == ENOENT || errno == ENOTDIR) {
            return Found::nothing;
        }
        add(Severity::warning, key,
            fmt::format("cannot look at '{}': {}", path.string(), system::errno_text(errno)),
            "run 'sudo drctl config check'");
        return Found::unknown;
    }

    /// True if there is a directory to look into.
    bool check_directory(Severity severity, const KeyPath& key, const fs::path& path,
                         std::string hint) {
        const auto found = look(key, path);
        if (found == Found::nothing) {
            add(severity, key, fmt::format("there is no directory '{}'", path.string()),
                std::move(hint));
        } else if (found == Found::file) {
            add(Severity::error, key, fmt::format("'{}' is not a directory", path.string()));
        }
        return found == Found::directory;
    }

    void check_own_file() {
        struct stat status {};
        if (::stat(loaded_.path.c_str(), &status) == 0 && (status.st_mode & S_IWOTH) != 0) {
            problems_.push_back(
                {Severity::error,
                 {},
                 {Origin::Kind::file, loaded_.path.string(), 0, 0},
                 "everyone can write this file, and its commands run as root",
                 "type: sudo chmod o= " + system::shell_word(loaded_.path.string())});
        }
        const KeyPath key{"state", "dir"};
        if (look(key, loaded_.config.state.dir) == Found::file) {
            add(Severity::error, key,
                fmt::format("'{}' is not a directory", loaded_.config.state.dir.string()));
        }
    }

    void check_service(const std::string& name, const Service& service) {
        const KeyPath section{"service", name};
        if (service.manager == Service::Manager::systemd) {
            if (!service.unit.empty()) {
                check_unit({"service", name, "unit"}, service.unit);
            }
            return;
        }
        check_program({"service", name, "start"}, service.start);
        check_program({"service", name, "stop"}, service.stop);
        check_program({"service", name, "status"}, service.status);
        if (service.os_user) {
            check_account({"service", name, "os_user"}, *service.os_user);
        }
    }

    void check_unit(const KeyPath& key, const std::string& unit) {
        if (systemd_is_silent_) {
            return;
        }
        system::ProcessOptions options;
        options.timeout = std::chrono::seconds(10);
        const Argv argv{"systemctl", "show", "--property=LoadState", "--value", "--", unit};
        std::string cause;
        try {
            const auto result = processes_.run(argv, options, stop_);
            if (result.succeeded()) {
                return judge_unit(key, unit, result.out.substr(0, result.out.find('\n')));
            }
            cause = fmt::format("systemctl {}", result.how_it_ended());
        } catch (const Error& error) {
            if (error.code() == ErrorCode::interrupted) {
                throw;
            }
            cause = error.message();
        }
        systemd_is_silent_ = true;
        add(Severity::warning, key, fmt::format("cannot ask systemd for its units: {}", cause),
            "units are not checked; run this on the host that has them");
    }

    void judge_unit(const KeyPath& key, const std::string& unit, const std::string& state) {
        if (state == "not-found") {
            add(Severity::error, key, fmt::format("systemd knows no unit '{}'", unit),
                "list what it knows with 'systemctl list-unit-files'");
        } else if (state == "masked") {
            add(Severity::warning, key, fmt::format("the unit '{}' is masked", unit),
                fmt::format("drctl will not start it; to allow that: sudo systemctl unmask {}",
                            unit));
        } else if (state != "loaded") {
            add(Severity::warning, key, fmt::format("the unit '{}' is in state {}", unit, state),
                fmt::format("systemctl status {}", unit));
        }
    }

    void check_program(const KeyPath& key, const Argv& argv) {
        if (!argv.empty() && !system::find_program(argv.front())) {
            add(Severity::error, key, fmt::format("there is no program '{}'", argv.front()),
                "install it, or correct its path");
        }
    }

    void check_account(const KeyPath& key, const std::string& name) {
        try {
            if (!system::find_user(name)) {
                add(Severity::error, key, fmt::format("this host has no account '{}'", name),
                    "correct the name, or create the account");
            }
        } catch (const Error& error) {
            add(Severity::warning, key, error.message(), error.hint());
        }
    }

    void check_database(const std::string& name, const Database& database) {
        const auto key = [&](const char* last) { return KeyPath{"database", name, last}; };
        check_account(key("os_user"), database.os_user);
        if (database.password) {
            check_secret(key("password"), *database.password);
        }
        if (database.data_dir &&
            check_directory(Severity::warning, key("data_dir"), *database.data_dir,
                            "is its volume mounted? drctl never makes a missing one anew") &&
            look(key("data_dir"), *database.data_dir / "PG_VERSION") == Found::nothing) {
            add(Severity::warning, key("data_dir"),
                fmt::format("'{}' has no PG_VERSION: it is no data directory",
                            database.data_dir->string()),
                "pg_lsclusters shows where the data directories are");
        }
        if (database.config_file &&
            look(key("config_file"), *database.config_file) == Found::nothing) {
            add(Severity::error, key("config_file"),
                fmt::format("there is no file '{}'", database.config_file->string()),
                "in psql, SHOW config_file says where it is");
        }
        if (database.bin_dir &&
            check_directory(Severity::error, key("bin_dir"), *database.bin_dir,
                            "install the server's version of PostgreSQL, or correct the path") &&
            look(key("bin_dir"), *database.bin_dir / "pg_restore") == Found::nothing) {
            add(Severity::error, key("bin_dir"),
                fmt::format("'{}' has no pg_restore", database.bin_dir->string()),
                "install the client programs of the server's version");
        }
        for (const auto& argv : database.before_swap) {
            check_program(key("before_swap"), argv);
        }
        for (const auto& argv : database.after_swap) {
            check_program(key("after_swap"), argv);
        }
    }

    void check_secret(const KeyPath& key, const SecretSource& source) {
        try {
            static_cast<void>(read_secret(source, processes_, redactor_, stop_));
        } catch (const Error& error) {
            if (error.code() == ErrorCode::interrupted) {
                throw;
            }
            add(Severity::error, key, error.message(), error.hint());
        }
    }

    void check_backups(const std::string& name, const Database& database) {
        if (!database.backups) {
            return;
        }
        const auto& backups = *database.backups;
        const auto key = [&](const char* last) {
            return KeyPath{"database", name, "backups", last};
        };
        check_timezone(key("timezone"), backups.timezone);
        if (backups.dir.empty() ||
            !check_directory(Severity::error, key("dir"), backups.dir,
                             "is its volume mounted? else correct the path")) {
            return;
        }
        for (const auto& [last, pattern] :
             {std::pair{"pattern", std::optional(backups.pattern)}, {"globals", backups.globals}}) {
            if (pattern && !has_match(key(last), backups.dir, *pattern)) {
                add(Severity::warning, key(last),
                    fmt::format("nothing in '{}' is called {}", backups.dir.string(),
                                in_quotes(*pattern)),
                    "without a backup nothing can be restored; check the pattern and the backup "
                    "job");
            }
        }
    }

    /// Also true where the directory cannot be read: that is another problem, and reported.
    bool has_match(const KeyPath& key, const fs::path& directory, const std::string& pattern) {
        std::error_code error;
        fs::directory_iterator entries(directory, error);
        if (error) {
            add(Severity::warning, key,
                fmt::format("cannot look into '{}': {}", directory.string(), error.message()),
                "run 'sudo drctl config check'");
            return true;
        }
        for (const fs::directory_iterator end; entries != end; entries.increment(error)) {
            if (::fnmatch(pattern.c_str(), entries->path().filename().c_str(), 0) == 0) {
                return true;
            }
        }
        return false;
    }

    void check_timezone(const KeyPath& key, const std::string& timezone) {
        const fs::path database = "/usr/share/zoneinfo";
        if (timezone != "UTC" && look(key, database / timezone) != Found::file) {
            add(Severity::error, key, fmt::format("this host knows no time zone '{}'", timezone),
                "list the known ones with 'timedatectl list-timezones'; they come with the package "
                "tzdata");
        }
    }

    void check_completeness(const std::string& name, const Database& database) {
        const auto section = path_text({"database", name});
        if (!database.server) {
            add(Severity::warning, {"database", name, "server"},
                fmt::format("[{}] names no server: one that is down stays down", section),
                "add a line such as: server = \"postgres\"");
        }
        if (!database.backups) {
            add(Severity::warning, {"database", name, "backups"},
                fmt::format("[{}] has no backups: nothing can be restored", section),
                fmt::format("add a section [{}.backups]", section));
        }
        if (database.verify.empty()) {
            add(Severity::warning, {"database", name, "verify"},
                fmt::format("[{}] has no verify: destroyed rows go unnoticed", section),
                fmt::format("add a section [[{}.verify]] with a query", section));
        }
    }

    const LoadedConfig& loaded_;
    const system::ProcessRunner& processes_;
    system::Redactor& redactor_;
    system::StopToken stop_;
    Problems problems_;
    bool systemd_is_silent_ = false;
};

} // namespace

Problems check_host(const LoadedConfig& loaded, const system::ProcessRunner& processes,
                    system::Redactor& redactor, system::StopToken stop) {
    return HostCheck(loaded, processes, redactor, stop).run();
}

} // namespace drctl::config
