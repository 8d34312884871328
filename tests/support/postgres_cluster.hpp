// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/types.hpp"
#include "system/files.hpp"
#include "system/process.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace drctl::test {

namespace fs = std::filesystem;

/// A real PostgreSQL server of its own: data directory and socket lie in a temporary directory,
/// nothing listens on TCP unless asked. Stopped and removed by the destructor. Made by copying
/// a cluster that `initdb` made once (cached in the build tree), which takes a fraction
/// of a second. As root the server runs as `postgres`, else as whoever runs the test.
class PostgresCluster {
  public:
    struct Options {
        std::vector<std::string> initdb;                           ///< further arguments
        std::vector<std::pair<std::string, std::string>> settings; ///< into postgresql.conf
        bool tcp = false;                                          ///< also listen on 127.0.0.1
        bool start = true;
    };

    PostgresCluster() : PostgresCluster(Options{}) {}
    explicit PostgresCluster(Options options);
    PostgresCluster(const PostgresCluster&) = delete;
    PostgresCluster& operator=(const PostgresCluster&) = delete;
    ~PostgresCluster();

    /// Where PostgreSQL's programs are; empty where it is not installed (then tests skip).
    static const fs::path& bin_dir();

    [[nodiscard]] const fs::path& root() const noexcept { return directory_.path(); }
    [[nodiscard]] fs::path data_dir() const { return root() / "data"; }
    [[nodiscard]] fs::path socket_dir() const { return root(); }
    [[nodiscard]] fs::path log_file() const { return root() / "server.log"; }
    [[nodiscard]] const std::string& os_user() const noexcept { return user_.name; }
    [[nodiscard]] const std::string& port() const noexcept { return port_; }
    /// libpq conninfo without dbname, as the configuration has it.
    [[nodiscard]] std::string connection() const;
    /// A [database.*] section for `dbname` of this server, without services and backups.
    [[nodiscard]] config::Database database(const std::string& dbname) const;

    /// Waits until it accepts connections; false if it does not come up.
    [[nodiscard]] bool try_start();
    void start();                                ///< throws with the server's log
    void stop(const std::string& mode = "fast"); ///< nothing to do if it is down
    /// SIGKILL to the postmaster and all its children: as if the power had gone.
    void kill_all();
    [[nodiscard]] bool running() const;
    /// Of postmaster.pid; 0 if there is none.
    [[nodiscard]] int postmaster_pid() const;
    [[nodiscard]] std::string log() const;
    void append_configuration(const std::string& lines) const;

    /// What psql prints, unaligned, without header, the last newline cut. Throws on any error.
    std::string psql(const std::string& dbname, const std::string& sql) const;
    /// Has psql run a file, which the server's account need not be able to read; throws on any
    /// error.
    void psql_file(const std::string& dbname, const fs::path& file) const;
    void create_database(const std::string& name,
                         const std::vector<std::string>& options = {}) const;
    /// pg_dump to a file; `arguments` before the database's name.
    void dump(const std::string& dbname, const fs::path& file,
              const std::vector<std::string>& arguments = {}) const;

    /// Runs one of PostgreSQL's programs as the server's account, connection in the environment.
    system::ProcessResult run(const std::string& program, const std::vector<std::string>& arguments,
                              const std::string& input = {}) const;
    /// The same, and throws unless it succeeds.
    std::string must_run(const std::string& program, const std::vector<std::string>& arguments,
                         const std::string& input = {}) const;
    /// Gives a file or tree to the server's account.
    void give(const fs::path& path) const;

  private:
    Options options_;
    system::User user_;
    system::TemporaryDirectory directory_;
    std::string port_;
};

} // namespace drctl::test
