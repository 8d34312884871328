// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/process.hpp"
#include "system/stop.hpp"
#include "system/users.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace drctl::app::demo {

namespace fs = std::filesystem;

/// A throwaway PostgreSQL server below a directory: its own cluster, a socket, no TCP. Runs as
/// an unprivileged account, also where we are root. Stopped by the destructor, whatever happened.
class Server {
  public:
    /// Makes the cluster and starts it. Throws Error(unreachable) where PostgreSQL's programs are
    /// not installed, Error(failed) with their words where they fail.
    Server(fs::path directory, const system::ProcessRunner& processes, system::StopToken stop);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    void start();
    void stop();

    /// Runs statements; returns the rows, unaligned, without a final line feed. Throws
    /// Error(failed) with the server's words.
    std::string query(const std::string& database, std::string_view sql);
    /// The same where an error is what we want to see: the server's words instead of rows.
    std::string try_query(const std::string& database, std::string_view sql);
    /// Runs one of PostgreSQL's programs as the server's account.
    system::ProcessResult run(system::Argv argv, std::string_view input = {});

    [[nodiscard]] const fs::path& bin_dir() const noexcept { return bin_dir_; }
    [[nodiscard]] fs::path data_dir() const { return directory_ / "data"; }
    [[nodiscard]] const fs::path& socket_dir() const noexcept { return directory_; }
    [[nodiscard]] const system::User& account() const noexcept { return account_; }
    /// `15.4`, as the server says it.
    [[nodiscard]] std::string version();
    /// pg_ctl with an action, as the configuration of the demo has it.
    [[nodiscard]] system::Argv control(const std::string& action) const;

  private:
    void must_run(system::Argv argv);

    fs::path directory_;
    const system::ProcessRunner& processes_;
    system::StopToken stop_;
    fs::path bin_dir_;
    system::User account_;
};

/// Hands a file or directory, with all below it, to an account. Nothing to do unless we are root.
void give_to(const fs::path& path, const system::User& account);

} // namespace drctl::app::demo
