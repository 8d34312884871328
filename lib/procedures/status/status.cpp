// SPDX-License-Identifier: Apache-2.0
#include "procedures/status/status.hpp"

#include "drctl/error.hpp"
#include "procedures/status/looks.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fmt/core.h>
#include <future>
#include <poll.h>
#include <set>

namespace drctl::procedures {
namespace {

using State = StatusItem::State;

/// Looks under way, each in a thread of its own; all of them end when the time is over.
class Looks {
  public:
    Looks(const Toolbox& tools, system::Duration patience)
        : clock_(*tools.clock), redactor_(*tools.redactor), patience_(patience),
          deadline_(clock_.steady() + patience) {}

    /// Begins one. `look` gets a token of its own and returns a DatabaseLook.
    template <typename Look>
    void begin(const char* kind, const std::string& name, Look look) {
        ++under_way_;
        looks_.push_back(std::async(std::launch::async, [this, kind, name, look] {
            auto found = guarded(kind, name, look);
            if (--under_way_ == 0) {
                all_done_.request(SIGALRM);
            }
            return found;
        }));
    }

    /// Waits for all of them. Throws Error(interrupted) if `stop` ends it.
    std::vector<DatabaseLook> finish(system::StopToken stop) {
        if (--under_way_ > 0) {
            wait(stop);
        }
        limit_.request(SIGALRM);
        std::vector<DatabaseLook> found;
        for (auto& look : looks_) {
            found.push_back(look.get());
        }
        // One may have quoted a program before another one had read the secret that it said.
        for (auto& [item, made_by_runs] : found) {
            item.summary = redactor_.redact(item.summary);
            item.next = redactor_.redact(item.next);
        }
        stop.throw_if_requested();
        return found;
    }

  private:
    template <typename Look>
    DatabaseLook guarded(const char* kind, const std::string& name, const Look& look) const {
        DatabaseLook failed;
        failed.item.kind = kind;
        failed.item.name = name;
        try {
            return look(limit_.token());
        } catch (const Error& error) {
            failed.item.summary = error.message();
            failed.item.next = error.hint();
            if (error.code() == ErrorCode::interrupted) {
                failed.item.summary =
                    fmt::format("no answer within {}", system::format_duration(patience_));
            }
        }
        return failed;
    }

    void wait(system::StopToken stop) {
        std::array<pollfd, 2> watch{
            {{all_done_.token().wait_fd(), POLLIN, 0}, {stop.wait_fd(), POLLIN, 0}}};
        while (::poll(watch.data(), watch.size(),
                      system::poll_timeout(clock_.steady(), deadline_)) < 0 &&
               errno == EINTR) {
        }
    }

    const system::Clock& clock_;
    const system::Redactor& redactor_;
    system::Duration patience_;
    system::SteadyTime deadline_;
    system::StopSource limit_;
    system::StopSource all_done_;
    std::atomic<int> under_way_{1}; ///< and ourselves, until all have begun
    // Last: their destructors wait for the threads, which use the rest.
    std::vector<std::future<DatabaseLook>> looks_;
};

bool has_error(const config::LoadedConfig& configuration, const std::string& section) {
    return std::any_of(configuration.problems.begin(), configuration.problems.end(),
                       [&](const config::Problem& problem) {
                           return problem.severity == config::Severity::error &&
                                  (problem.section == section ||
                                   problem.section.starts_with(section + "."));
                       });
}

/// What is wrong with the configuration itself, as one item; none if nothing is.
StatusItems configuration_items(const config::LoadedConfig& configuration) {
    const auto& problems = configuration.problems;
    const auto is_error = [](const config::Problem& problem) {
        return problem.severity == config::Severity::error;
    };
    const auto first = std::find_if(problems.begin(), problems.end(), is_error);
    if (first == problems.end()) {
        return {};
    }
    const auto more = std::count_if(problems.begin(), problems.end(), is_error) - 1;
    StatusItem item;
    item.state = State::bad;
    item.kind = "configuration";
    item.name = configuration.path.string();
    item.summary = first->text() + (more > 0 ? fmt::format(" (and {} more)", more) : std::string());
    item.next = "drctl config check";
    return {item};
}

/// Begins a look at everything whose section of the configuration can be used.
void begin_all(Looks& looks, const config::LoadedConfig& loaded, const Toolbox& tools) {
    const auto& configuration = loaded.config;
    const auto usable = [&](const char* kind, const std::string& name) {
        return !has_error(loaded, fmt::format("{}.{}", kind, name));
    };
    for (const auto& [name, database] : configuration.databases) {
        if (!usable("database", name)) {
            continue;
        }
        looks.begin("database", name, [&configuration, &name = name, &tools](auto stop) {
            return look_at_database(configuration, name, tools, stop);
        });
        if (database.backups) {
            looks.begin("backup", name, [&database = database, &tools](auto stop) {
                return DatabaseLook{look_at_backups(database, tools, stop), {}};
            });
        }
    }
    for (const auto& [name, service] : configuration.services) {
        if (usable("service", name)) {
            looks.begin("service", name, [&configuration, &service = service, &tools](auto stop) {
                return DatabaseLook{look_at_service(configuration, service, tools, stop), {}};
            });
        }
    }
    for (const auto& [name, health] : configuration.healths) {
        if (usable("health", name)) {
            looks.begin("health", name, [&configuration, &health = health, &tools](auto stop) {
                return DatabaseLook{look_at_health(configuration, health, tools, stop), {}};
            });
        }
    }
}

void append(StatusItems& all, StatusItems more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

} // namespace

std::string_view name_of(State state) noexcept {
    switch (state) {
    case State::good:
        return "good";
    case State::notice:
        return "notice";
    case State::unknown:
        return "unknown";
    case State::bad:
        break;
    }
    return "bad";
}

bool all_good(const StatusItems& items) noexcept {
    return std::all_of(items.begin(), items.end(),
                       [](const StatusItem& item) { return item.is_good(); });
}

StatusItems look_at_host(const config::LoadedConfig& configuration, const Toolbox& tools,
                         system::Duration patience, system::StopToken stop) {
    Looks looks(tools, patience);
    begin_all(looks, configuration, tools);
    const auto runs = look_at_runs(tools);
    const auto found = looks.finish(stop);

    auto items = configuration_items(configuration);
    append(items, runs.items);
    for (const auto& look : found) {
        items.push_back(look.item);
    }
    append(items, kept_databases(runs, found));
    // What is wrong first, and of that what other things may follow from.
    constexpr std::array kinds{"configuration", "run",    "database", "backup",
                               "service",       "health", "hold",     "kept"};
    std::stable_sort(items.begin(), items.end(), [&](const auto& a, const auto& b) {
        const auto rank = [&](const StatusItem& item) {
            const auto kind = std::find(kinds.begin(), kinds.end(), item.kind) - kinds.begin();
            return std::pair(item.is_good(), kind);
        };
        return rank(a) < rank(b);
    });
    return items;
}

} // namespace drctl::procedures
