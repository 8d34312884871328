// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

#include "system/signals.hpp"
#include "views/report.hpp"

#include <optional>
#include <syslog.h>

namespace drctl::app {
namespace {

// Start and end of runs, where the host's other services say theirs. Without a system log the
// line is lost, which is no reason to stop.
void log_to_system(std::string_view line) {
    ::syslog(LOG_DAEMON | LOG_NOTICE, "%.*s", static_cast<int>(line.size()), line.data());
}

} // namespace

Session::Session(Context& context, const std::filesystem::path& state_directory,
                 const ProcedureOptions& options)
    : narrator_(context.console, context.clock, detail_of(context.options)),
      prompter_(context.console, context.stop.token()), store_(state_directory, context.clock),
      deadline_(options.timeout, context.clock, context.stop),
      environment_{context.clock,
                   context.stop.token(),
                   narrator_,
                   prompter_,
                   store_,
                   [&signals = context.signals, &console = context.console] {
                       signals.protect_from_hangup();
                       console.wait_for_nobody();
                   },
                   log_to_system} {
    ::openlog("drctl", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

config::ChosenFile chosen_file(const Context& context) {
    const auto& given = context.options.config;
    return config::choose_file(given.empty() ? std::nullopt : std::optional(given));
}

config::LoadedConfig load_configuration(const Context& context) {
    return config::load(chosen_file(context), context.options.set);
}

void require_usable(const config::LoadedConfig& loaded, const config::Target& target,
                    engine::Observer& observer) {
    config::require_usable(loaded, target);
    for (const auto& problem : config::problems_for(loaded, target)) {
        observer.warning(problem.text());
    }
}

views::Detail detail_of(const CommonOptions& options) noexcept {
    return options.quiet     ? views::Detail::quiet
           : options.verbose ? views::Detail::verbose
                             : views::Detail::normal;
}

ExitCode show_report(Context& context, const Report& report) {
    auto& console = context.console;
    if (context.options.json) {
        console.result(to_json(report) + "\n");
    } else {
        console.result(
            views::human_report(report, console.out_style(), detail_of(context.options)));
    }
    return report.exit_code;
}

} // namespace drctl::app
