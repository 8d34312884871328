// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"
#include "system/clock.hpp"
#include "system/secret.hpp"
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
    std::filesystem::path directory; ///< empty: ours, or / where the user changes
    std::string input;               ///< what it reads from stdin
    std::chrono::milliseconds timeout{std::chrono::minutes(1)};
    std::size_t keep_output = std::size_t{64}
                              << 10; ///< of each stream only the last bytes are kept
};

struct DRCTL_API ProcessResult {
    int exit_status = -1; ///< valid if signal == 0 and not timed_out
    int signal = 0;       ///< that ended it
    bool timed_out = false;
    std::chrono::milliseconds timeout{0}; ///< what it was given
    std::string out;                      ///< tail of stdout
    std::string err;                      ///< tail of stderr
    const Redactor* redactor = nullptr;   ///< of the runner, if it has one
    [[nodiscard]] bool succeeded() const noexcept {
        return !timed_out && signal == 0 && exit_status == 0;
    }
    /// What it said last, to be quoted: the last line of stderr that is not empty, else of stdout,
    /// else nothing. Without secrets that its runner knows of.
    [[nodiscard]] std::string last_line() const;
    /// `exited with status 3`, `was killed by signal 9`, `did not end within 60s`.
    [[nodiscard]] std::string how_it_ended() const;
};

/// Runs programs. Injected, so that tests decide what programs answer.
class DRCTL_API ProcessRunner {
  public:
    ProcessRunner() = default;
    ProcessRunner(const ProcessRunner&) = delete;
    ProcessRunner& operator=(const ProcessRunner&) = delete;
    virtual ~ProcessRunner() = default;

    /// Runs to the end (or the timeout, or a stop: then SIGTERM to its process group, SIGKILL
    /// 5 s later). Throws Error(unreachable) if the program cannot be started (not found, not
    /// executable), Error(refused) if we may not run it as that user, and Error(interrupted) if
    /// stopped. A failing program is a value. Daemons that it leaves behind with our pipes open
    /// are not waited for.
    virtual ProcessResult run(const Argv& argv, const ProcessOptions& options,
                              StopToken stop) const = 0;
};

/// Real processes: no descriptor of ours but the three streams, default signal dispositions and
/// mask, a session of its own (so nothing asks for a password on our terminal), stdin from
/// /dev/null or a file in memory, supplementary groups of the chosen user, HOME/USER/LOGNAME set
/// when the user changes. PR_SET_PDEATHSIG makes them die with us; daemons that they fork do
/// not. That signal comes when the *thread* that started the child ends.
class DRCTL_API SystemProcessRunner final : public ProcessRunner {
  public:
    /// The redactor must outlive the runner and all results of it.
    explicit SystemProcessRunner(const Redactor* redactor = nullptr) : redactor_(redactor) {}

    ProcessResult run(const Argv& argv, const ProcessOptions& options,
                      StopToken stop) const override;

  private:
    const Redactor* redactor_;
};

/// A program whose output is read as it comes, see ProgramSource. Killed and
/// reaped by the destructor. The thread that makes it must live as long as it does, see above.
class ChildProcess {
  public:
    ChildProcess(const Argv& argv, const ProcessOptions& options);
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    ~ChildProcess();

    /// Its stdout, non-blocking: poll it beside the stop token's descriptor.
    [[nodiscard]] int output() const noexcept;
    /// Closes its stdout and waits for the end, at most `options.timeout` from now (then, or if
    /// stopped, as ProcessRunner::run does); the result's `out` is empty, `err` is the tail.
    /// Once only.
    ProcessResult finish(StopToken stop);
    void kill() noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The path of a program found as execvp(3) would, or nothing.
[[nodiscard]] DRCTL_API std::optional<std::filesystem::path> find_program(const std::string& name);

} // namespace drctl::system
