// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/process.hpp"
#include "system/units.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The configuration as the rest of the program sees it: typed, defaults filled in, names
/// resolved, secrets still unread. The contract of every key is in docs/configuration.md, which
/// is generated from the schema that fills these structs.
namespace drctl::config {

namespace fs = std::filesystem;
using system::Argv;
using system::ByteSize;
using system::Duration;

/// Where a secret comes from. Read when used; see read_secret().
struct SecretSource {
    enum class Kind { file, env, command, credential } kind = Kind::file;
    std::string name; ///< path, variable or credential name
    Argv command;     ///< for Kind::command
};

struct State {
    fs::path dir = "/var/lib/drctl";
};

struct Service {
    std::string name;
    enum class Manager { systemd, command } manager = Manager::systemd;
    std::string unit;                   ///< systemd
    Argv start, stop, status;           ///< command; status exits 0 when running
    std::optional<std::string> os_user; ///< command: run as
    Duration timeout{std::chrono::seconds(90)};
};

// Not inside Health: their default initialisers would not be complete where its variant needs them.
struct HttpProbe {
    std::string url;
    long expect_status = 200;
    std::optional<std::string> expect_body;
};
struct TcpProbe {
    std::string host_port;
};
struct DatabaseProbe {
    std::string name; ///< of a [database.*]
};
struct CommandProbe {
    Argv argv;
};

struct Health {
    std::string name;
    using Http = HttpProbe;
    using Tcp = TcpProbe;
    using Database = DatabaseProbe;
    using Command = CommandProbe;
    std::variant<Http, Tcp, Database, Command> probe;
    Duration timeout{2000};
    Duration interval{500};
    unsigned passes = 2;
    unsigned failures = 3;
    Duration deadline{std::chrono::seconds(60)};
};

/// One verification query. It must run without error and return a row; where a bound is
/// given, the first column of that row is compared with it as a number (`min`, `max`) or as text
/// (`equals`).
struct Verify {
    std::string name;
    std::string sql;
    std::optional<std::int64_t> min;
    std::optional<std::int64_t> max;
    std::optional<std::string> equals;
    std::optional<std::string> role; ///< also run as this role (SET ROLE)
};

struct DatabaseBackups {
    fs::path dir;
    std::string pattern = "*.sql*"; ///< shell pattern on the file name
    std::string timezone = "UTC";   ///< IANA name, of the times in file names
    std::optional<std::string> globals;
};

enum class StopAt { restore, swap };
enum class Unattended { start, restore };

/// What may be lost without asking: so much time, or so many bytes.
using LossLimit = std::variant<Duration, ByteSize>;

struct Database {
    std::string name;       ///< of the section, and of the target on the command line
    std::string connection; ///< libpq conninfo without dbname and password
    std::optional<SecretSource> password;
    std::string dbname;
    std::optional<fs::path> data_dir;
    std::optional<fs::path> config_file;
    std::optional<fs::path> bin_dir; ///< default: /usr/lib/postgresql/<major>/bin, else $PATH
    std::string os_user = "postgres";
    std::optional<std::string> server; ///< [service.*] of the PostgreSQL server
    std::vector<std::string> stop;     ///< [service.*] stopped in this order, started in reverse
    StopAt stop_at = StopAt::restore;
    std::optional<LossLimit> max_data_loss;
    Unattended unattended = Unattended::start;
    Duration restore_again_after{std::chrono::hours(24)};
    std::vector<Argv> before_swap, after_swap;
    unsigned jobs = 0; ///< 0: one per core
    std::vector<std::string> health;
    Duration start_deadline{std::chrono::minutes(10)}; ///< how long recovery may take
    std::optional<DatabaseBackups> backups;
    std::vector<Verify> verify;
};

struct Config {
    State state;
    std::map<std::string, Service> services;
    std::map<std::string, Health> healths;
    std::map<std::string, Database> databases;
};

} // namespace drctl::config
