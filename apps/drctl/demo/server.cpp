// SPDX-License-Identifier: Apache-2.0
#include "demo/server.hpp"

#include "drctl/error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <unistd.h>

namespace drctl::app::demo {
namespace {

/// Where the newest installed PostgreSQL has its server programs: Debian's place, else $PATH.
fs::path find_bin_dir() {
    fs::path newest;
    unsigned long newest_major = 0;
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", missing)) {
        const auto major = std::strtoul(entry.path().filename().c_str(), nullptr, 10);
        if (major > newest_major && fs::exists(entry.path() / "bin/initdb")) {
            newest_major = major;
            newest = entry.path() / "bin";
        }
    }
    if (!newest.empty()) {
        return newest;
    }
    if (const auto initdb = system::find_program("initdb")) {
        return initdb->parent_path();
    }
    throw Error(ErrorCode::unreachable, "cannot make a throwaway PostgreSQL: it is not installed",
                "sudo apt-get install postgresql-15");
}

/// PostgreSQL refuses to run as root.
system::User unprivileged_account() {
    if (!system::running_as_root()) {
        return system::current_user();
    }
    for (const auto* name : {"postgres", "nobody"}) {
        if (const auto user = system::find_user(name)) {
            return *user;
        }
    }
    throw Error(ErrorCode::unreachable,
                "cannot make a throwaway PostgreSQL: there is no account to run it as",
                "run the demo as an ordinary user");
}

std::string without_final_line_feed(std::string text) {
    while (text.ends_with('\n')) {
        text.pop_back();
    }
    return text;
}

} // namespace

void give_to(const fs::path& path, const system::User& account) {
    if (!system::running_as_root()) {
        return;
    }
    const auto give = [&](const fs::path& one) {
        if (::lchown(one.c_str(), account.uid, account.gid) != 0) {
            throw Error(ErrorCode::failed, fmt::format("cannot give '{}' to {}: {}", one.string(),
                                                       account.name, std::strerror(errno)));
        }
    };
    give(path);
    if (fs::is_directory(path)) {
        for (const auto& entry : fs::recursive_directory_iterator(path)) {
            give(entry.path());
        }
    }
}

Server::Server(fs::path directory, const system::ProcessRunner& processes, system::StopToken stop)
    : directory_(std::move(directory)), processes_(processes), stop_(stop),
      bin_dir_(find_bin_dir()), account_(unprivileged_account()) {
    fs::create_directory(directory_);
    give_to(directory_, account_);
    // Checksums, as every cluster should have them: they tell damage from data.
    must_run({bin_dir_ / "initdb", "--pgdata", data_dir(), "--username", account_.name,
              "--auth-local", "peer", "--auth-host", "reject", "--data-checksums", "--encoding",
              "UTF8", "--locale", "C.UTF-8", "--no-sync"});
    start();
}

Server::~Server() {
    try {
        // Also after Ctrl-C, therefore without our stop token.
        system::ProcessOptions options;
        options.user = account_;
        processes_.run({bin_dir_ / "pg_ctl", "stop", "--pgdata", data_dir(), "--mode", "immediate",
                        "--silent"},
                       options, {});
    } catch (const Error&) {
        // It was not running, or pg_ctl is gone: there is nothing more that we could do.
    }
}

void Server::start() {
    must_run(control("start"));
}

void Server::stop() {
    must_run(control("stop"));
}

system::Argv Server::control(const std::string& action) const {
    system::Argv argv{bin_dir_ / "pg_ctl", action, "--pgdata", data_dir()};
    if (action == "start") {
        const auto settings = fmt::format(
            "-c listen_addresses= -c unix_socket_directories={} -c port=5432", directory_.string());
        argv.insert(argv.end(),
                    {"--wait", "--log", directory_ / "server.log", "--options", settings});
    } else if (action == "stop") {
        argv.insert(argv.end(), {"--wait", "--mode", "fast"});
    }
    return argv;
}

std::string Server::query(const std::string& database, std::string_view sql) {
    const auto result =
        run({bin_dir_ / "psql", "--dbname", database, "--no-psqlrc", "--quiet", "--tuples-only",
             "--no-align", "--set", "ON_ERROR_STOP=1", "--set", "VERBOSITY=terse"},
            sql);
    if (!result.succeeded()) {
        throw Error(ErrorCode::failed, fmt::format("cannot prepare the demo: {}",
                                                   without_final_line_feed(result.err)));
    }
    return without_final_line_feed(result.out);
}

std::string Server::try_query(const std::string& database, std::string_view sql) {
    try {
        return query(database, sql);
    } catch (const Error& error) {
        const auto words = error.message().find("ERROR:");
        return words == std::string::npos ? error.message() : error.message().substr(words);
    }
}

system::ProcessResult Server::run(system::Argv argv, std::string_view input) {
    system::ProcessOptions options;
    options.user = account_;
    options.directory = directory_;
    options.environment = {{"PGHOST", directory_}, {"PGPORT", "5432"}, {"PGUSER", account_.name}};
    options.input = input;
    options.timeout = std::chrono::minutes(5);
    return processes_.run(argv, options, stop_);
}

std::string Server::version() {
    return query("postgres", "SHOW server_version");
}

void Server::must_run(system::Argv argv) {
    const auto program = fs::path(argv.front()).filename().string();
    const auto result = run(std::move(argv));
    if (!result.succeeded()) {
        throw Error(ErrorCode::failed,
                    fmt::format("cannot prepare the demo: {} {}: {}", program,
                                result.how_it_ended(), without_final_line_feed(result.err)));
    }
}

} // namespace drctl::app::demo
