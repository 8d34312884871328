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
#include <fmt/core.h>
#include <unistd.h>

namespace drctl::app {
namespace {

Commands make_commands() {
    Commands all;
    all.push_back(commands::make_runs());
    all.push_back(commands::make_hold());
    all.push_back(commands::make_unhold());
    all.push_back(commands::make_config());
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

// The program while it runs one command: what all commands share, and how each of them ends.
class Program {
  public:
    explicit Program(std::vector<std::string> argv)
        : argv_(std::move(argv)), console_(STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO) {}

    ExitCode run() noexcept {
        try {
            return guarded();
        } catch (...) {
            // Only the reporting of an error can get here; there is nothing left to say it with.
            return ExitCode::bug;
        }
    }

  private:
    ExitCode guarded() {
        try {
            return parsed_and_run();
        } catch (const Error& error) {
            return failed(error);
        } catch (const std::exception& error) {
            return failed(as_bug(error.what()));
        } catch (...) {
            return failed(as_bug("an exception of an unknown type"));
        }
    }

    ExitCode parsed_and_run() {
        CommandLine line(commands::make_program(), make_commands());
        const auto request = line.parse({argv_.begin() + 1, argv_.end()});
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
        command_ = request.node->path.substr(std::min(program.size(), request.node->path.size()));
        system::SignalWatcher signals(stop_);
        Context context{line.options(), line.root(), argv_, console_,
                        clock_,         processes_,  stop_, signals};
        return request.node->command->run(context);
    }

    ExitCode failed(const Error& error) {
        const auto code = exit_code_for(error, stop_.token().signal());
        // Also where parsing failed, a caller that asked for JSON gets JSON.
        if (std::find(argv_.begin(), argv_.end(), "--json") != argv_.end()) {
            views::show_error_as_json(console_, error, command_, outcome_of(error.code()), code);
        } else {
            views::show_error(console_, error);
        }
        return code;
    }

    std::vector<std::string> argv_;
    std::string command_;
    views::Console console_;
    system::SystemClock clock_;
    system::SystemProcessRunner processes_;
    system::StopSource stop_;
};

} // namespace
} // namespace drctl::app

int main(int argc, char** argv) {
    return static_cast<int>(drctl::app::Program({argv, argv + argc}).run());
}
