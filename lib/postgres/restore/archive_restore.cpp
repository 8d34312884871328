// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/archive_restore.hpp"

#include "postgres/restore/archive_failure.hpp"
#include "postgres/restore/crew.hpp"
#include "postgres/restore/finishing.hpp"
#include "postgres/restore/table_of_contents.hpp"
#include "system/byte_source.hpp"
#include "system/posix_error.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <fmt/core.h>
#include <memory>
#include <span>
#include <unistd.h>
#include <utility>

namespace drctl::postgres::restore {
namespace {

constexpr std::size_t most_contents = std::size_t{256} << 20;
/// Longer than any restore: its end is that of the program, or a stop.
constexpr std::chrono::hours for_ever{24 * 365};
constexpr std::chrono::milliseconds report_interval{500};

std::string quote(const std::string& value) {
    std::string quoted = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') {
            quoted += '\\';
        }
        quoted += c;
    }
    return quoted + "'";
}

/// A line of a password file; `:` and `\` are escaped there.
std::string password_line(const system::Secret& password) {
    std::string line = "*:*:*:*:";
    for (const char c : password.reveal()) {
        if (c == ':' || c == '\\') {
            line += '\\';
        }
        line += c;
    }
    return line + "\n";
}

std::string session_options(const Tuning& tuning) {
    std::string options;
    for (const auto& [name, value] : parameters_of(tuning)) {
        options += fmt::format("-c {}={} ", name, value);
    }
    return options;
}

/// Without the password: it is read from a file.
std::string conninfo_of(const Target& database, const Tuning& tuning) {
    std::string conninfo;
    std::string options;
    bool has_user = false;
    for (const auto& [key, value] : parse_conninfo(database.conninfo)) {
        if (key == "options") {
            options = value + " ";
        } else if (key != "dbname" && key != "password") {
            conninfo += fmt::format("{}={} ", key, quote(value));
            has_user = has_user || key == "user";
        }
    }
    if (!has_user && !database.os_user.empty()) {
        conninfo += "user=" + quote(database.os_user) + " ";
    }
    return fmt::format("{}dbname={} application_name=drctl options={}", conninfo,
                       quote(database.dbname), quote(options + session_options(tuning)));
}

/// Peer authentication looks at the account of the program that connects.
std::optional<system::User> account_for(const Target& database) {
    const auto endpoints = endpoints_of(database.conninfo);
    const bool socket = std::any_of(endpoints.begin(), endpoints.end(),
                                    [](const Endpoint& each) { return each.is_socket(); });
    return socket && !database.os_user.empty() ? system::find_user(database.os_user) : std::nullopt;
}

bool is_tar(const fs::path& archive) {
    if (fs::is_directory(archive)) {
        return false;
    }
    // A tar header has its magic at this offset.
    constexpr std::size_t magic_at = 257;
    std::array<char, magic_at + 5> head{};
    const auto fd = system::open_for_reading(archive);
    const auto got = ::pread(fd.get(), head.data(), head.size(), 0);
    return got == static_cast<ssize_t>(head.size()) &&
           std::string_view(head.data() + magic_at, 5) == "ustar";
}

std::string digest_of(const fs::path& archive, system::StopToken stop) {
    if (fs::is_directory(archive)) {
        return {};
    }
    system::FileSource source(archive, {}, stop);
    std::vector<std::byte> buffer(std::size_t{1} << 20);
    while (source.read(buffer) > 0) {
    }
    return source.digest();
}

} // namespace

PgRestore::PgRestore(const system::ProcessRunner& processes, const Target& database,
                     const RestoreOptions& options, const Tuning& tuning)
    : processes_(processes), program_{options.bin_dir.empty() ? "pg_restore"
                                                              : options.bin_dir / "pg_restore"},
      jobs_(tuning.jobs), conninfo_(conninfo_of(database, tuning)), directory_("drctl-restore") {
    options_.user = account_for(database);
    options_.directory = "/";
    options_.timeout = for_ever;
    if (options_.user &&
        ::chown(directory_.path().c_str(), options_.user->uid, options_.user->gid) != 0) {
        throw system::posix_error(ErrorCode::failed, "change the owner of", directory_.path(),
                                  errno);
    }
    if (!database.password.empty()) {
        options_.environment.emplace_back(
            "PGPASSFILE", private_file("pgpass", password_line(database.password)).string());
    }
}

/// For the eyes of the program's account only, from its first byte on.
fs::path PgRestore::private_file(const std::string& name, std::string_view content) {
    const auto path = directory_.path() / name;
    system::write_file_atomically(path, content, 0600);
    if (options_.user && ::chown(path.c_str(), options_.user->uid, options_.user->gid) != 0) {
        throw system::posix_error(ErrorCode::failed, "change the owner of", path, errno);
    }
    return path;
}

system::ProcessResult PgRestore::run(const system::Argv& arguments, system::StopToken stop) {
    auto argv = program_;
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return processes_.run(argv, options_, stop);
}

std::string PgRestore::contents(const fs::path& archive, system::StopToken stop) {
    options_.keep_output = most_contents;
    auto result = run({"--list", archive.string()}, stop);
    if (!result.succeeded()) {
        throw archive_failure(archive, result);
    }
    return std::move(result.out);
}

void PgRestore::restore(const fs::path& archive, const std::optional<std::string>& list,
                        system::StopToken stop) {
    system::Argv arguments{"--exit-on-error", "--no-password", "--dbname=" + conninfo_};
    if (jobs_ > 1 && !is_tar(archive)) {
        arguments.push_back(fmt::format("--jobs={}", jobs_));
    }
    if (list) {
        arguments.push_back("--use-list=" + private_file("list", *list).string());
    }
    arguments.push_back(archive.string());
    const auto result = run(arguments, stop);
    if (!result.succeeded()) {
        throw archive_failure(archive, result);
    }
}

namespace {

void restore_all(PgRestore& program, const fs::path& archive, system::StopToken stop) {
    const auto contents = divide_contents(program.contents(archive, stop));
    if (contents.event_triggers.empty()) {
        return program.restore(archive, std::nullopt, stop);
    }
    program.restore(archive, contents.main, stop);
    program.restore(archive, contents.event_triggers, stop);
}

/// The program tells nothing on its way; how much is in the database by now, the server knows.
void wait_and_report(Crew& crew, const ProgressSink& progress) {
    // Shared, because a failure may end this wait before the job.
    const auto size = std::make_shared<std::atomic<std::uint64_t>>(0);
    while (!crew.wait_for(report_interval)) {
        if (!progress) {
            continue;
        }
        progress({engine::Progress::Unit::bytes, "database", *size, 0});
        Job look;
        look.lane = Lane::main;
        crew.add(std::move(look), [size](WorkSession& session) {
            const auto found = session.connection().exec("SELECT pg_catalog.pg_database_size("
                                                         "pg_catalog.current_database())");
            *size = static_cast<std::uint64_t>(found.integer(0, 0));
        });
    }
}

} // namespace

RestoreResult restore_archive(const system::ProcessRunner& processes, const Target& side_database,
                              const fs::path& archive, const RestoreOptions& options,
                              const ProgressSink& progress, system::StopToken stop) {
    const auto tuning =
        tuning_for(options.jobs, cores_of_this_machine(), options.memory, memory_of_this_machine());
    Monitor monitor(stop);
    Ledger ledger;
    PgRestore program(processes, side_database, options, tuning);
    std::string digest;
    {
        Crew crew(monitor, side_database, tuning);
        try {
            crew.add({}, [&](WorkSession&) { restore_all(program, archive, monitor.token()); });
            crew.add({}, [&](WorkSession&) { digest = digest_of(archive, monitor.token()); });
            wait_and_report(crew, progress);
            analyze_all(crew);
            wait_and_report(crew, progress);
            close(crew, ledger);
            wait_and_report(crew, progress);
        } catch (...) {
            monitor.fail(std::current_exception());
        }
    }
    monitor.throw_failure();
    return ledger.result(std::move(digest));
}

} // namespace drctl::postgres::restore
