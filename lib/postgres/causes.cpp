// SPDX-License-Identifier: Apache-2.0
#include "postgres/causes.hpp"

#include "postgres/data_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <vector>

namespace drctl::postgres {
namespace {

using Kind = Cause::Kind;

struct KindRow {
    Kind kind;
    std::string_view name;
    std::string_view hint;
};

constexpr std::string_view free_disk = "free space on the file system that the message names, or "
                                       "on those of the data directory and pg_wal";

constexpr std::array kinds{
    KindRow{Kind::control_file_damaged, "control-file-damaged", ""},
    KindRow{Kind::no_valid_checkpoint, "no-valid-checkpoint", ""},
    KindRow{Kind::relation_map_damaged, "relation-map-damaged", ""},
    KindRow{Kind::data_corrupted, "data-corrupted", ""},
    KindRow{Kind::index_corrupted, "index-corrupted", ""},
    KindRow{Kind::file_missing, "file-missing", ""},
    KindRow{Kind::transaction_status_damaged, "transaction-status-damaged", ""},
    KindRow{Kind::database_missing, "database-missing", ""},
    KindRow{Kind::table_missing, "table-missing", ""},
    KindRow{Kind::configuration, "configuration",
            "correct the setting that the message names; 'postgres -C data_directory' checks it"},
    KindRow{Kind::access_configuration, "access-configuration",
            "correct pg_hba.conf or pg_ident.conf"},
    KindRow{Kind::preload_library, "preload-library",
            "install the library, or take it out of shared_preload_libraries"},
    KindRow{Kind::library_missing, "library-missing",
            "install the package of the extension that has this library"},
    KindRow{
        Kind::permissions, "permissions",
        "give the data directory and all in it back to the server's account, mode 0700 or 0750"},
    KindRow{
        Kind::address_taken, "address-taken",
        "end the program that uses the port or socket ('ss -ltnp' names it), or change the port"},
    KindRow{Kind::address_unusable, "address-unusable",
            "correct listen_addresses and unix_socket_directories, or bring the interface up"},
    KindRow{Kind::memory, "memory",
            "lower shared_buffers or max_connections, free memory, or provide the huge pages"},
    KindRow{Kind::disk_full, "disk-full", free_disk},
    KindRow{Kind::disk_failing, "disk-failing",
            "look at the kernel's log and the disk's health before anything is written to it"},
    KindRow{Kind::volume_not_mounted, "volume-not-mounted", "mount the volume"},
    KindRow{Kind::data_directory_missing, "data-directory-missing",
            "mount its volume, or correct data_dir; it is never created because it is missing"},
    KindRow{Kind::data_directory_empty, "data-directory-empty",
            "mount its volume, or correct data_dir; it is never created because it is empty"},
    KindRow{Kind::not_a_data_directory, "not-a-data-directory", "correct data_dir"},
    KindRow{Kind::other_data_directory, "other-data-directory",
            "make data_dir and config_file name the same cluster"},
    KindRow{Kind::another_postmaster, "another-postmaster",
            "look at the process that the message names; remove postmaster.pid only if it is no "
            "PostgreSQL server"},
    KindRow{Kind::other_major, "other-major",
            "correct bin_dir and the service, or install that major version"},
    KindRow{Kind::program_missing, "program-missing",
            "install the server of that major version, or correct bin_dir"},
    KindRow{Kind::tls, "tls", "correct the certificate and key files, or set ssl = off"},
    KindRow{Kind::recovery_configuration, "recovery-configuration",
            "set restore_command or primary_conninfo, or remove recovery.signal"},
    KindRow{Kind::backup_label, "backup-label",
            "this is a base backup that was never recovered: provide its WAL and recovery.signal; "
            "remove backup_label only if it is not one"},
    KindRow{Kind::still_recovering, "still-recovering",
            "give it more time: raise TimeoutStartSec of the unit and start_deadline"},
    KindRow{Kind::service_manager, "service-manager",
            "look at the service: its unit, its account, its limits"},
    KindRow{Kind::timed_out, "timed-out", "look at locks and load of the server, or wait longer"},
    KindRow{Kind::privilege, "privilege", "connect as a superuser or as the owner of the database"},
    KindRow{Kind::too_many_clients, "too-many-clients",
            "the server is alive: end idle sessions, or raise max_connections"},
    KindRow{Kind::authentication, "authentication",
            "the server is alive: check user, password and pg_hba.conf"},
    KindRow{Kind::locked, "locked", "end the session that holds the lock"},
    KindRow{Kind::gone, "gone", "look at the server's log, then run the same command again"},
    KindRow{Kind::unknown, "unknown", "look at the server's log"},
};

/// The first row counts whose SQLSTATE starts so and whose words are in the message.
struct Rule {
    std::string_view sqlstate;
    std::string_view words;
    Kind kind;
};

/// Of sessions and statements. Their messages may contain any name a user has chosen, so the
/// SQLSTATE decides, and words only within one.
constexpr std::array statement_rules{
    Rule{"XX001", "", Kind::data_corrupted},
    Rule{"XX002", "", Kind::index_corrupted},
    Rule{"XX", "contains incorrect checksum", Kind::relation_map_damaged},
    Rule{"58P01", "could not access status of transaction", Kind::transaction_status_damaged},
    Rule{"XX000", "could not access status of transaction", Kind::transaction_status_damaged},
    Rule{"58P01", "could not access file", Kind::library_missing},
    Rule{"58P01", "could not load library", Kind::library_missing},
    Rule{"58030", "", Kind::disk_failing},
    // What a session says that cannot even begin there.
    Rule{"XX000", "could not write init file", Kind::disk_full},
    Rule{"53100", "shared memory", Kind::memory},
    Rule{"53100", "", Kind::disk_full},
    Rule{"53300", "", Kind::too_many_clients},
    Rule{"53", "", Kind::memory},
    Rule{"42501", "Permission denied", Kind::permissions},
    Rule{"42501", "", Kind::privilege},
    Rule{"28", "", Kind::authentication},
    Rule{"3D000", "", Kind::database_missing},
    Rule{"42P01", "", Kind::table_missing},
    Rule{"55P03", "", Kind::locked},
    Rule{"40P01", "", Kind::locked},
    Rule{"57014", "", Kind::timed_out},
    Rule{"57P", "", Kind::gone},
    Rule{"08", "", Kind::gone},
};

/// Of a server that starts: only it and its configuration speak, mostly without an SQLSTATE of
/// use.
constexpr std::array start_rules{
    Rule{"", "incorrect checksum in control file", Kind::control_file_damaged},
    Rule{"", "could not locate a valid checkpoint record", Kind::no_valid_checkpoint},
    Rule{"F0001", ".s.PGSQL.", Kind::address_taken},
    Rule{"F0001", "", Kind::another_postmaster},
    Rule{"", "Address already in use", Kind::address_taken},
    Rule{"", "could not create any TCP/IP sockets", Kind::address_unusable},
    Rule{"", "could not create any Unix-domain sockets", Kind::address_unusable},
    Rule{"", "No space left on device", Kind::disk_full},
    Rule{"", "Disk quota exceeded", Kind::disk_full},
    Rule{"", "Input/output error", Kind::disk_failing},
    Rule{"", "Cannot allocate memory", Kind::memory},
    Rule{"", "could not create shared memory segment", Kind::memory},
    Rule{"", "could not create semaphores", Kind::memory},
    Rule{"", "database files are incompatible with server", Kind::other_major},
    Rule{"", "has invalid permissions", Kind::permissions},
    Rule{"", "has wrong ownership", Kind::permissions},
    Rule{"", "could not load server certificate", Kind::tls},
    Rule{"", "could not load private key", Kind::tls},
    Rule{"", "private key file", Kind::tls},
    Rule{"", "could not load root certificate", Kind::tls},
    Rule{"", "Permission denied", Kind::permissions},
    Rule{"", "is not a valid data directory", Kind::not_a_data_directory},
    Rule{"", "required WAL directory", Kind::volume_not_mounted},
    Rule{"58P01", "data directory", Kind::data_directory_missing},
    Rule{"", "could not load pg_hba.conf", Kind::access_configuration},
    Rule{"", "could not load pg_ident.conf", Kind::access_configuration},
    Rule{"", "must specify restore_command", Kind::recovery_configuration},
    Rule{"", "could not locate required checkpoint record", Kind::backup_label},
    Rule{"", "could not find redo location", Kind::backup_label},
    Rule{"58P01", "could not access file", Kind::preload_library},
    Rule{"58P01", "could not load library", Kind::preload_library},
    Rule{"F0", "", Kind::configuration},
    Rule{"", "must be less than", Kind::configuration},
    Rule{"", "could not access the server configuration file", Kind::configuration},
    Rule{"", "could not open configuration file", Kind::configuration},
    Rule{"", "invalid value for parameter", Kind::configuration},
    Rule{"", "unrecognized configuration parameter", Kind::configuration},
};

const KindRow& row_of(Kind kind) noexcept {
    return *std::find_if(kinds.begin(), kinds.end(),
                         [kind](const KindRow& row) { return row.kind == kind; });
}

template <std::size_t Size>
Kind match(const std::array<Rule, Size>& rules, std::string_view sqlstate, std::string_view words) {
    for (const auto& rule : rules) {
        if (sqlstate.starts_with(rule.sqlstate) &&
            words.find(rule.words) != std::string_view::npos) {
            return rule.kind;
        }
    }
    return Kind::unknown;
}

DamageScope scope_of(Kind kind, std::string_view file) {
    switch (kind) {
    case Kind::control_file_damaged:
    case Kind::no_valid_checkpoint:
        return DamageScope::cluster;
    case Kind::index_corrupted:
        return DamageScope::index;
    case Kind::file_missing:
        return scope_of_file(file);
    case Kind::data_corrupted:
    case Kind::relation_map_damaged:
        return file.empty() ? DamageScope::database : scope_of_file(file);
    case Kind::transaction_status_damaged:
        // Mostly a destroyed row that asks for a transaction that never was.
        return DamageScope::database;
    default:
        return DamageScope::none;
    }
}

Cause finish(Kind kind, std::string_view sqlstate, std::string words, std::string file) {
    auto cause = make_cause(kind, std::move(words));
    cause.sqlstate = sqlstate;
    cause.scope = scope_of(kind, file);
    cause.file = std::move(file);
    return cause;
}

/// One line of a log, its prefix `[pid] SQLSTATE ` taken off.
struct LogLine {
    std::string_view sqlstate;
    std::string_view level;
    std::string_view message;
};

LogLine parse_line(std::string_view line) {
    LogLine result;
    if (const auto end = line.find("] "); line.starts_with('[') && end != std::string_view::npos) {
        result.sqlstate = line.substr(end + 2, 5);
        line.remove_prefix(std::min(line.size(), end + 8));
    }
    const auto colon = line.find(":  ");
    const auto level = line.substr(0, colon);
    const bool has_level =
        colon != std::string_view::npos &&
        std::all_of(level.begin(), level.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    result.level = has_level ? level : std::string_view();
    result.message = has_level ? line.substr(colon + 3) : line;
    return result;
}

std::vector<LogLine> parse_log(std::string_view log) {
    std::vector<LogLine> lines;
    while (!log.empty()) {
        const auto end = std::min(log.find('\n'), log.size());
        lines.push_back(parse_line(log.substr(0, end)));
        log.remove_prefix(std::min(end + 1, log.size()));
    }
    return lines;
}

/// The line that ended the server: not what it told a client, or a worker on its way out.
bool is_decisive(const LogLine& line) {
    if (line.level != "FATAL" && line.level != "PANIC") {
        return false;
    }
    constexpr std::array<std::string_view, 5> of_sessions{"57P", "28", "3D", "53300", "08"};
    return std::none_of(of_sessions.begin(), of_sessions.end(), [&line](std::string_view prefix) {
        return line.sqlstate.starts_with(prefix);
    });
}

/// FATAL lines that only sum up what a line before them has said.
bool sums_up(std::string_view message) {
    constexpr std::array<std::string_view, 4> sums{"contains errors", "could not load pg_",
                                                   "could not create any", "could not start"};
    return std::any_of(sums.begin(), sums.end(), [message](std::string_view part) {
        return message.find(part) != std::string_view::npos;
    });
}

/// What explains a start that failed, and quotes nothing but files, settings and numbers. Other
/// details may hold a row, bytes of the WAL, or a command with its password.
bool may_be_told(const LogLine& line) {
    constexpr std::array<std::string_view, 10> harmless{
        "Could not open file",  "Could not read from file", "File \"",
        "File must have",       "Permissions should be",    "The data directory was",
        "The database cluster", "is a lower setting than",  "Server is version",
        "of configuration file"};
    return (line.level == "DETAIL" || line.level == "CONTEXT") &&
           std::any_of(harmless.begin(), harmless.end(), [&line](std::string_view part) {
               return line.message.find(part) != std::string_view::npos;
           });
}

std::string with_detail(const std::vector<LogLine>& lines, std::size_t at) {
    std::string words(lines[at].message);
    if (at + 1 < lines.size() && may_be_told(lines[at + 1])) {
        words += fmt::format(" ({})", lines[at + 1].message);
    }
    return words;
}

/// What the server said before it could log: `postgres: could not …`, in several lines.
std::optional<Cause> classify_early_words(std::string_view log) {
    const auto at = log.find("postgres: ");
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    std::string words(log.substr(at));
    words.erase(words.find_last_not_of('\n') + 1);
    std::replace(words.begin(), words.end(), '\n', ' ');
    if (words.find("/global/pg_control\": No such file or directory") != std::string::npos) {
        return finish(Kind::file_missing, "", std::move(words), "global/pg_control");
    }
    return finish(match(start_rules, "", words), "", words, "");
}

} // namespace

std::string_view name_of(Kind kind) noexcept {
    return row_of(kind).name;
}

Cause make_cause(Kind kind, std::string words) {
    Cause cause;
    cause.kind = kind;
    cause.words = std::move(words);
    cause.hint = row_of(kind).hint;
    return cause;
}

Cause make_lost_rows(std::string words) {
    auto cause = make_cause(Kind::data_corrupted, std::move(words));
    cause.scope = DamageScope::database;
    return cause;
}

Cause classify(std::string_view sqlstate, std::string_view words) {
    auto file = data_file_in(words);
    const bool hollow = words.find("is not a valid data directory") != std::string_view::npos;
    if (!file.empty() && (sqlstate == "58P01" || (sqlstate == "22023" && hollow))) {
        return finish(Kind::file_missing, sqlstate, std::string(words), std::move(file));
    }
    return finish(match(statement_rules, sqlstate, words), sqlstate, std::string(words),
                  std::move(file));
}

Cause classify(const Error& error) {
    const auto says = error.context_value("server_says");
    auto cause = classify(error.context_value("sqlstate"), says.empty() ? error.message() : says);
    if (cause.kind == Kind::unknown && error.code() == ErrorCode::timed_out) {
        cause = make_cause(Kind::timed_out, error.message());
    }
    if (cause.kind == Kind::unknown && error.code() == ErrorCode::unreachable) {
        cause = make_cause(Kind::gone, error.message());
    }
    return cause;
}

std::optional<Cause> classify_start_log(std::string_view log) {
    const auto lines = parse_log(log);
    const auto decisive = std::find_if(lines.begin(), lines.end(), is_decisive);
    if (decisive == lines.end()) {
        return classify_early_words(log);
    }
    const auto at = static_cast<std::size_t>(decisive - lines.begin());
    auto words = fmt::format("{}: {}", decisive->level, with_detail(lines, at));
    // Other levels are those of sessions and workers, whose messages may quote rows.
    const auto before = std::find_if(lines.begin(), decisive, [](const LogLine& line) {
        return line.level == "LOG" && !line.sqlstate.empty() && line.sqlstate != "00000";
    });
    if (sums_up(decisive->message) && before != decisive) {
        words += fmt::format(": {}",
                             with_detail(lines, static_cast<std::size_t>(before - lines.begin())));
    }
    auto file = data_file_in(words);
    if (decisive->sqlstate == "58P01" && !file.empty()) {
        return finish(Kind::file_missing, decisive->sqlstate, words, std::move(file));
    }
    auto kind = match(start_rules, decisive->sqlstate, words);
    if (kind == Kind::unknown) {
        kind = match(statement_rules, decisive->sqlstate, words);
    }
    auto cause = finish(kind, decisive->sqlstate, words, std::move(file));
    if (kind == Kind::transaction_status_damaged) {
        cause.scope = DamageScope::cluster; // there was no row to ask for it
    }
    return cause;
}

} // namespace drctl::postgres
