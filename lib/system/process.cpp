// SPDX-License-Identifier: Apache-2.0
#include "system/process.hpp"

#include "drctl/error.hpp"
#include "system/spawn.hpp"
#include "system/tail.hpp"
#include "system/units.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fmt/core.h>
#include <poll.h>
#include <sys/stat.h>
#include <thread>

namespace drctl::system {
namespace {

/// From SIGTERM to SIGKILL.
constexpr std::chrono::seconds grace{5};

/// What a child may have left in its pipes when it ended. Bounded, because a daemon that
/// inherited them may write for ever.
constexpr std::size_t most_left_in_a_pipe = std::size_t{1} << 20;

struct Tails {
    Tail out;
    Tail err;
};

enum class End { ended, timed_out, stopped };

void drain_and_close_at_end(UniqueFd& fd, short events, Tail& tail) {
    if (events != 0 && !drain(fd.get(), tail, most_left_in_a_pipe)) {
        fd.reset();
    }
}

/// Keeps the pipes empty until the child has ended, the deadline has passed or a stop is asked
/// for. Its end counts, not that of its pipes, which daemons keep open.
End await_end(Spawned& child, Tails& tails, SteadyTime deadline, StopToken stop) {
    while (true) {
        std::array<pollfd, 4> watch{{{child.process.get(), POLLIN, 0},
                                     {child.out.get(), POLLIN, 0},
                                     {child.err.get(), POLLIN, 0},
                                     {stop.wait_fd(), POLLIN, 0}}};
        const auto now = std::chrono::steady_clock::now();
        if (::poll(watch.data(), watch.size(), poll_timeout(now, deadline)) < 0) {
            continue; // EINTR; revents are not set
        }
        drain_and_close_at_end(child.out, watch[1].revents, tails.out);
        drain_and_close_at_end(child.err, watch[2].revents, tails.err);
        if (watch[0].revents != 0) {
            return End::ended;
        }
        if (stop.stop_requested()) {
            return End::stopped;
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            return End::timed_out;
        }
    }
}

/// Waits for the child's end, or ends it, and reaps it in either case.
ProcessResult supervise(Spawned& child, const Argv& argv, const ProcessOptions& options,
                        StopToken stop) {
    Tails tails{Tail(options.keep_output), Tail(options.keep_output)};
    ProcessResult result;
    result.timeout = options.timeout;
    const auto end =
        await_end(child, tails, std::chrono::steady_clock::now() + options.timeout, stop);
    if (end == End::ended) {
        child.reap(result);
    } else {
        child.signal_group(SIGTERM);
        child.signal_group(SIGCONT); // a stopped process would not see it
        await_end(child, tails, std::chrono::steady_clock::now() + grace, {});
        child.kill_and_reap(result); // also those of its group that it left behind
    }
    drain_and_close_at_end(child.out, POLLIN, tails.out);
    drain_and_close_at_end(child.err, POLLIN, tails.err);
    if (end == End::stopped) {
        throw Error(ErrorCode::interrupted, fmt::format("interrupted while '{}' ran", argv[0]));
    }
    result.timed_out = end == End::timed_out;
    result.out = tails.out.take();
    result.err = tails.err.take();
    return result;
}

} // namespace

std::string ProcessResult::last_line() const {
    for (std::string_view text : {std::string_view(err), std::string_view(out)}) {
        constexpr std::string_view blanks = " \t\r\n";
        const auto last = text.find_last_not_of(blanks);
        if (last != std::string_view::npos) {
            text = text.substr(0, last + 1);
            text = text.substr(text.rfind('\n') + 1); // npos + 1 is the beginning
            return redactor != nullptr ? redactor->redact(text) : std::string(text);
        }
    }
    return {};
}

std::string ProcessResult::how_it_ended() const {
    if (timed_out) {
        return fmt::format("did not end within {}", format_duration(timeout));
    }
    if (signal != 0) {
        return fmt::format("was killed by signal {}", signal);
    }
    return fmt::format("exited with status {}", exit_status);
}

ProcessResult SystemProcessRunner::run(const Argv& argv, const ProcessOptions& options,
                                       StopToken stop) const {
    stop.throw_if_requested();
    auto child = spawn(argv, options);
    auto result = supervise(child, argv, options, stop);
    result.redactor = redactor_;
    return result;
}

/// Nobody but us reads stderr while the caller is busy with stdout, and a full pipe would block
/// the child: so a thread of its own empties it.
struct ChildProcess::State {
    State(Argv arguments, ProcessOptions given)
        : argv(std::move(arguments)), options(std::move(given)), child(spawn(argv, options)),
          err(std::move(child.err)), tail(options.keep_output), reader([this] { read_err(); }) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        child.signal_group(SIGKILL);
        end_reader();
    }

    void read_err() {
        const int ended = child.process.get();
        const int told = enough.token().wait_fd();
        bool more = true;
        while (more) {
            std::array<pollfd, 3> watch{
                {{err.get(), POLLIN, 0}, {ended, POLLIN, 0}, {told, POLLIN, 0}}};
            if (::poll(watch.data(), watch.size(), -1) < 0) {
                continue;
            }
            more = drain(err.get(), tail, most_left_in_a_pipe) && watch[1].revents == 0 &&
                   watch[2].revents == 0;
        }
    }

    void end_reader() noexcept {
        if (reader.joinable()) {
            enough.request(SIGTERM);
            reader.join();
        }
    }

    Argv argv;
    ProcessOptions options;
    Spawned child;
    UniqueFd err;
    Tail tail;
    StopSource enough;
    std::thread reader; // last, because it uses the others
};

ChildProcess::ChildProcess(const Argv& argv, const ProcessOptions& options)
    : state_(std::make_unique<State>(argv, options)) {}

ChildProcess::~ChildProcess() = default;

int ChildProcess::output() const noexcept {
    return state_->child.out.get();
}

ProcessResult ChildProcess::finish(StopToken stop) {
    state_->child.out.reset();
    auto result = supervise(state_->child, state_->argv, state_->options, stop);
    state_->end_reader();
    result.err = state_->tail.take();
    return result;
}

void ChildProcess::kill() noexcept {
    state_->child.signal_group(SIGKILL);
}

std::optional<std::filesystem::path> find_program(const std::string& name) {
    const auto usable = [](const std::filesystem::path& path) {
        struct stat status {};
        return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
               ::access(path.c_str(), X_OK) == 0;
    };
    if (name.find('/') != std::string::npos) {
        return usable(name) ? std::optional(std::filesystem::path(name)) : std::nullopt;
    }
    const char* variable = std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe): nobody sets it
    std::string_view rest = variable == nullptr ? "/usr/bin:/bin" : variable;
    while (!rest.empty() && !name.empty()) {
        const auto entry = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
        auto candidate = std::filesystem::path(entry.empty() ? "." : entry) / name;
        if (usable(candidate)) {
            return candidate;
        }
    }
    return std::nullopt;
}

} // namespace drctl::system
