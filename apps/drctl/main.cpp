// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"
#include "commands/commands.hpp"
#include "context.hpp"
#include "drctl/error.hpp"
#include "reference/model.hpp"
#include "system/signals.hpp"
#include "views/errors.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fmt/core.h>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

namespace drctl::app {
namespace {

Commands make_commands() {
    Commands all;
    all.push_back(commands::make_db_recover());
    all.push_back(commands::make_status());
    all.push_back(commands::make_db_verify());
    all.push_back(commands::make_backup());
    all.push_back(commands::make_runs());
    all.push_back(commands::make_undo());
    all.push_back(commands::make_hold());
    all.push_back(commands::make_unhold());
    all.push_back(commands::make_config());
    all.push_back(commands::make_demo());
    all.push_back(commands::make_generate());
    return all;
}

// The one place that turns an error into an exit code.
ExitCode exit_code_for(const Error& error, int signal) {
    if (error.code() == ErrorCode::interrupted && signal == SIGTERM) {
        return ExitCode::terminated;
    }
    return exit_code_of(outcome_of(error.code()));
}

Error as_bug(const char* what) {
    return Error(ErrorCode::bug, fmt::format("an error inside drctl {}: {}", version(), what),
                 "this is a bug: please report it with the command you typed and this message");
}

// What all command lines of this process share, and how each of them ends.
class Program {
  public:
    Program() : console_(STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO) {}

    /// Runs what was typed: `argv` with the program's name first.
    ExitCode run(const std::vector<std::string>& argv) noexcept {
        try {
            return heard(guarded(argv));
        } catch (...) {
            // Only the reporting of an error can get here; there is nothing left to say it with.
            return ExitCode::bug;
        }
    }

  private:
    ExitCode guarded(const std::vector<std::string>& argv) {
        std::string command;
        try {
            return parse_and_run(argv, command);
        } catch (const Error& error) {
            return failed(argv, command, error);
        } catch (const std::exception& error) {
            return failed(argv, command, as_bug(error.what()));
        } catch (...) {
            return failed(argv, command, as_bug("an exception of an unknown type"));
        }
    }

    // "Good" would be a lie to whoever asked and has got no answer.
    ExitCode heard(ExitCode code) {
        const int failure = console_.result_failure();
        if (failure == 0) {
            return code;
        }
        views::show_error(console_,
                          Error(ErrorCode::failed,
                                fmt::format("cannot write the result: {}", std::strerror(failure)),
                                "whatever was done is done; 'drctl runs show' has the report of "
                                "the last run"));
        return code == ExitCode::good ? ExitCode::failed : code;
    }

    // `command` becomes the subcommand's name as soon as it is known.
    ExitCode parse_and_run(const std::vector<std::string>& argv, std::string& command) {
        CommandLine line(commands::make_program(), make_commands());
        const auto request =
            line.parse({argv.begin() + std::min<long>(1, std::ssize(argv)), argv.end()});
        console_.choose_color(line.options().color);
        switch (request.kind) {
        case Request::Kind::version:
            console_.result(fmt::format("drctl {}\n", version()));
            return ExitCode::good;
        case Request::Kind::help:
            console_.result(reference::help(reference::describe(*request.node)));
            return ExitCode::good;
        case Request::Kind::run:
            break;
        }
        constexpr std::string_view program = "drctl ";
        command = request.node->path.substr(std::min(program.size(), request.node->path.size()));
        if (!signals_) {
            signals_.emplace(stop_);
        }
        Context context{line.options(),
                        line.root(),
                        argv,
                        console_,
                        clock_,
                        processes_,
                        http_,
                        redactor_,
                        stop_,
                        *signals_,
                        [this](const auto& another) { return guarded(another); }};
        return request.node->command->run(context);
    }

    ExitCode failed(const std::vector<std::string>& argv, const std::string& command,
                    const Error& error) {
        const auto code = exit_code_for(error, stop_.token().signal());
        // Also where parsing failed, a caller that asked for JSON gets JSON.
        if (std::find(argv.begin(), argv.end(), "--json") != argv.end()) {
            views::show_error_as_json(console_, error, command, outcome_of(error.code()), code);
        } else {
            views::show_error(console_, error);
        }
        return code;
    }

    views::Console console_;
    system::SystemClock clock_;
    system::Redactor redactor_;
    system::SystemProcessRunner processes_{&redactor_};
    system::CurlHttpClient http_;
    system::StopSource stop_;
    std::optional<system::SignalWatcher> signals_; ///< from the first command that does something
};

} // namespace
} // namespace drctl::app

int main(int argc, char** argv) {
    return static_cast<int>(drctl::app::Program().run({argv, argv + argc}));
}
