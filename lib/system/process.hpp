// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "system/clock.hpp"
#include "system/stop.hpp"
#include "system/users.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace drctl::system {

/// A program and its arguments. Never a shell string; never a secret (argv is public).
using Argv = std::vector<std::string>;

struct ProcessOptions {
    std::optional<User> user;                                     ///< run as; nothing: as we are
    std::vector<std::pair<std::string, std::string>> environment; ///< added to ours
    std::filesystem::path directory;                              ///< empty: ours
    std::string input;                                            ///< fed to stdin, then closed
    std::chrono::milliseconds timeout{std::chrono::minutes(1)};
    std::size_t keep_output = 64 * 1024; ///< of each stream only the last bytes are kept
};

struct ProcessResult {
    int exit_status = -1; ///< valid if signal == 0 and not timed_out
    int signal = 0;       ///< that ended it
    bool timed_out = false;
    std::string out; ///< tail of stdout
    std::string err; ///< tail of stderr
    [[nodiscard]] bool succeeded() const noexcept {
        return !timed_out && signal == 0 && exit_status == 0;
    }
    /// `exited with status 3`, `was killed by signal 9`, `did not end within 60s`.
    [[nodiscard]] std::string how_it_ended() const;
};

/// Runs programs. Injected, so that tests decide what programs answer.
class ProcessRunner {
  public:
    ProcessRunner() = default;
    ProcessRunner(const ProcessRunner&) = delete;
    ProcessRunner& operator=(const ProcessRunner&) = delete;
    virtual ~ProcessRunner() = default;

    /// Runs to the end (or the timeout, or a stop: then SIGTERM to its process group, SIGKILL
    /// 5 s later). Throws Error(unreachable) if the program cannot be started (not found, not
    /// executable) and Error(interrupted) if stopped. A failing program is a value.
    virtual ProcessResult run(const Argv& argv, const ProcessOptions& options,
                              StopToken stop) const = 0;
};

/// Real processes: O_CLOEXEC everywhere, default signal dispositions and mask, own process
/// group, PR_SET_PDEATHSIG (they die with us; daemons that they fork do not), stdin from
/// /dev/null or a pipe, supplementary groups of the chosen user, HOME/USER/LOGNAME set when
/// the user changes.
class DRCTL_API SystemProcessRunner final : public ProcessRunner {
  public:
    ProcessResult run(const Argv& argv, const ProcessOptions& options,
                      StopToken stop) const override;
};

/// A program whose output is read as it comes (archives through pg_restore). Killed and
/// reaped by the destructor.
class ChildProcess {
  public:
    ChildProcess(const Argv& argv, const ProcessOptions& options);
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    ~ChildProcess();

    /// Its stdout. Non-blocking reads are the caller's choice.
    [[nodiscard]] int output() const noexcept;
    /// Closes its stdout and waits; the result's `out` is empty, `err` is the tail.
    ProcessResult finish(StopToken stop);
    void kill() noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The path of a program found as execvp(3) would, or nothing.
[[nodiscard]] DRCTL_API std::optional<std::filesystem::path> find_program(const std::string& name);

} // namespace drctl::system
