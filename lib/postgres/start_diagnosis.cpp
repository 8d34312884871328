// SPDX-License-Identifier: Apache-2.0
#include "postgres/start_diagnosis.hpp"

#include "postgres/programs.hpp"
#include "system/users.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <future>
#include <system_error>
#include <unistd.h>

namespace drctl::postgres {
namespace {

using Kind = Cause::Kind;
using system::Argv;
using system::Duration;
using system::ProcessOptions;
using system::ProcessResult;

/// How long the server may take to come up or give up.
constexpr Duration start_patience{60'000};
/// How long one that came up may take to write its shutdown checkpoint.
constexpr Duration stop_patience{60'000};
/// How often we look whether it has come up.
constexpr Duration look_interval{50};

std::optional<system::User> account_of(const config::Database& database) {
    const auto current = system::current_user();
    if (database.os_user.empty() || database.os_user == current.name) {
        return std::nullopt;
    }
    auto user = system::find_user(database.os_user);
    if (!user) {
        throw Error(ErrorCode::usage,
                    fmt::format("cannot run the server as '{}': no such account on this host",
                                database.os_user),
                    "set os_user of the database to the account that runs the server");
    }
    return user;
}

bool is_empty_directory(const fs::path& path) {
    std::error_code error;
    return fs::is_directory(path, error) && fs::is_empty(path, error);
}

std::optional<Cause> absent_directory(const DataDirectory& directory) {
    switch (directory.state) {
    case DataDirectory::State::present:
        return std::nullopt;
    case DataDirectory::State::missing:
        return make_cause(Kind::data_directory_missing, directory.evidence);
    case DataDirectory::State::empty:
        return make_cause(Kind::data_directory_empty, directory.evidence);
    case DataDirectory::State::foreign:
        return make_cause(Kind::not_a_data_directory, directory.evidence);
    case DataDirectory::State::unreadable:
        break;
    }
    return make_cause(Kind::permissions, directory.evidence);
}

/// Volumes that belong to the cluster and are not there.
std::optional<Cause> missing_volume(const DataDirectory& directory) {
    if (directory.state != DataDirectory::State::present && directory.unmounted) {
        return make_cause(Kind::volume_not_mounted,
                          fmt::format("{}; '{}' is in /etc/fstab and not mounted",
                                      directory.evidence, directory.unmounted->string()));
    }
    if (!directory.dangling.empty()) {
        return make_cause(Kind::volume_not_mounted,
                          fmt::format("'{}' leads to a directory that does not exist",
                                      directory.dangling.front().string()));
    }
    if (is_empty_directory(directory.path / "pg_wal")) {
        return make_cause(Kind::volume_not_mounted,
                          fmt::format("'{}' is empty", (directory.path / "pg_wal").string()));
    }
    return std::nullopt;
}

std::optional<Cause> wrong_owner(const config::Database& database, const DataDirectory& directory) {
    const auto user = system::find_user(database.os_user);
    if (user && user->uid != directory.owner) {
        return make_cause(Kind::permissions,
                          fmt::format("'{}' belongs to user {}, not to '{}'",
                                      directory.path.string(), directory.owner, user->name));
    }
    if (!directory.permissions_fit()) {
        return make_cause(Kind::permissions, fmt::format("'{}' has mode {:04o}",
                                                         directory.path.string(), directory.mode));
    }
    return std::nullopt;
}

/// The damage that pg_control itself shows.
std::optional<Cause> control_file_cause(const DataDirectory& directory) {
    if (directory.control.state == ControlFileReading::State::damaged) {
        auto cause = make_cause(Kind::control_file_damaged, directory.control.evidence);
        cause.scope = DamageScope::cluster;
        cause.file = "global/pg_control";
        return cause;
    }
    return std::nullopt;
}

/// How to run this cluster's programs: whose, where, with which configuration.
struct Invocation {
    fs::path bin_dir;
    fs::path data_directory;
    std::optional<fs::path> config_file;
    std::optional<system::User> user;

    /// `postgres`, speaking English to its stderr in the form that classify_start_log() reads.
    [[nodiscard]] Argv server(std::initializer_list<std::string> arguments) const {
        Argv argv{bin_dir / "postgres", "-D", data_directory};
        if (config_file) {
            argv.insert(argv.end(), {"-c", "config_file=" + config_file->string()});
        }
        argv.insert(argv.end(), {"-c", "logging_collector=off", "-c", "log_destination=stderr",
                                 "-c", "lc_messages=C", "-c", "log_line_prefix=[%p] %e "});
        argv.insert(argv.end(), arguments);
        return argv;
    }
    [[nodiscard]] ProcessOptions options(Duration timeout) const {
        ProcessOptions options;
        options.user = user;
        options.directory = "/";
        options.environment = {{"LC_ALL", "C"}};
        options.timeout = timeout;
        return options;
    }
};

/// What `postgres -C` finds wrong in the configuration, or that it leads to other files.
std::optional<Cause> configuration_cause(const Invocation& server,
                                         const system::ProcessRunner& processes,
                                         system::StopToken stop) {
    const auto result = processes.run(server.server({"-C", "data_directory"}),
                                      server.options(start_patience), stop);
    if (!result.succeeded()) {
        auto cause = classify_start_log(result.err);
        return cause ? cause
                     : make_cause(Kind::configuration,
                                  fmt::format("'postgres -C data_directory' {}: {}",
                                              result.how_it_ended(), result.last_line()));
    }
    std::error_code error;
    const fs::path configured = result.out.substr(0, result.out.find('\n'));
    if (fs::equivalent(configured, server.data_directory, error)) {
        return std::nullopt;
    }
    return make_cause(Kind::other_data_directory,
                      fmt::format("the configuration leads to '{}', not to '{}'",
                                  configured.string(), server.data_directory.string()));
}

bool is_child_of_ours(pid_t pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("PPid:")) {
            return std::stol(line.substr(5)) == ::getpid();
        }
    }
    return false;
}

/// The server that runs on one thread of ours, looked at from another.
class TrialServer {
  public:
    TrialServer(const Invocation& server, const system::ProcessRunner& processes,
                const system::Clock& clock)
        : data_directory_(server.data_directory), clock_(clock) {
        auto argv = server.server({});
        auto options = server.options(start_patience + 2 * stop_patience);
        // Its thread lives as long as the server does: the end of the thread would kill it.
        running_ = std::async(std::launch::async,
                              [argv = std::move(argv), options = std::move(options), &processes] {
                                  return processes.run(argv, options, {});
                              });
    }

    [[nodiscard]] bool ended() const {
        return running_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }

    /// What postmaster.pid says, if that is our server and not one that was started beside it.
    [[nodiscard]] std::optional<Postmaster> postmaster() const {
        auto seen = inspect_data_directory(data_directory_).postmaster;
        return seen && seen->running && is_child_of_ours(seen->pid) ? seen : std::nullopt;
    }

    [[nodiscard]] bool is_up() const {
        const auto seen = postmaster();
        return seen && (seen->status == "ready" || seen->status == "standby");
    }

    /// Stops it with a signal; SIGQUIT where it does not follow (a server that cannot start its
    /// workers may hang in a fast shutdown).
    void stop(int signal) {
        const auto server = postmaster();
        if (!server) {
            return;
        }
        ::kill(server->pid, signal);
        const auto deadline = clock_.steady() + stop_patience;
        while (!ended() && clock_.steady() < deadline) {
            clock_.wait_for(look_interval, {}); // what we started we also end
        }
        if (!ended()) {
            ::kill(server->pid, SIGQUIT);
        }
    }

    /// Waits for its end.
    ProcessResult result() { return running_.get(); }

  private:
    fs::path data_directory_;
    const system::Clock& clock_;
    std::future<ProcessResult> running_;
};

struct Attempt {
    bool came_up = false;
    ProcessResult result;
};

/// Runs the server until it ends, comes up, or the time is over; it has ended afterwards.
Attempt try_server(const Invocation& invocation, const system::ProcessRunner& processes,
                   const system::Clock& clock, system::StopToken stop) {
    const auto deadline = clock.steady() + start_patience;
    TrialServer server(invocation, processes, clock);
    Attempt attempt;
    while (!server.ended() && !attempt.came_up && clock.steady() < deadline &&
           clock.wait_for(look_interval, stop)) {
        attempt.came_up = server.is_up();
    }
    server.stop(attempt.came_up ? SIGINT : SIGQUIT);
    attempt.result = server.result();
    stop.throw_if_requested();
    return attempt;
}

Cause explain(const Attempt& attempt) {
    if (auto cause = classify_start_log(attempt.result.err)) {
        return *cause;
    }
    if (attempt.came_up) {
        return make_cause(Kind::service_manager,
                          "the server comes up when it is run by itself with its configuration");
    }
    if (attempt.result.err.find("recovery") != std::string::npos &&
        attempt.result.err.find("received immediate shutdown") != std::string::npos) {
        return make_cause(Kind::still_recovering,
                          fmt::format("after {} s the server was still recovering",
                                      start_patience.count() / 1000));
    }
    return make_cause(Kind::unknown, fmt::format("the server {}: {}", attempt.result.how_it_ended(),
                                                 attempt.result.last_line()));
}

} // namespace

std::optional<Cause> obstacle_to_start(const config::Database& database,
                                       const DataDirectory& directory) {
    if (auto cause = missing_volume(directory)) {
        return cause;
    }
    if (auto cause = absent_directory(directory)) {
        return cause;
    }
    if (directory.postmaster && directory.postmaster->running) {
        return make_cause(Kind::another_postmaster,
                          fmt::format("process {} is a server of '{}'", directory.postmaster->pid,
                                      directory.path.string()));
    }
    if (auto cause = wrong_owner(database, directory)) {
        return cause;
    }
    return control_file_cause(directory);
}

Cause diagnose_start(const config::Database& database, const system::ProcessRunner& processes,
                     const system::Clock& clock, system::StopToken stop) {
    if (!database.data_dir) {
        return make_cause(Kind::unknown, "data_dir is not configured, so nothing can be looked at");
    }
    const auto directory = inspect_data_directory(*database.data_dir);
    if (auto cause = obstacle_to_start(database, directory)) {
        return *cause;
    }
    const auto program = find_server_program(database, directory.major, "postgres");
    if (!program) {
        return make_cause(Kind::program_missing,
                          fmt::format("no 'postgres' of version {} is installed", directory.major));
    }
    const Invocation server{program->parent_path(), *database.data_dir, database.config_file,
                            account_of(database)};
    if (auto cause = configuration_cause(server, processes, stop)) {
        return *cause;
    }
    return explain(try_server(server, processes, clock, stop));
}

} // namespace drctl::postgres
