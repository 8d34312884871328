// SPDX-License-Identifier: Apache-2.0
#include "procedure_options.hpp"

#include "context.hpp"
#include "drctl/error.hpp"
#include "system/users.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fmt/format.h>

namespace drctl::app {
namespace {

constexpr const char* run_group = "Run";
constexpr const char* consent_group = "Consent";

void add_plan_options(CLI::App& app, ProcedureOptions& options) {
    constexpr const char* group = "Plan";
    app.add_flag("-n,--plan,--dry-run", options.plan,
                 "Print what would be done and why; change nothing. Ends as the real run would "
                 "where that would refuse")
        ->group(group);
    app.add_flag("--exit-code", options.exit_code,
                 "With --plan: end with 8 where there are steps to do")
        ->group(group);
    add_text(app, "--expect-plan", options.expect_plan, "ID",
             "Go ahead only if the plan is still the one of that id; else end with 3")
        ->group(group);
}

void add_consent_to_loss(CLI::App& app, ProcedureOptions& options) {
    app.add_option_function<std::string>(
           "--accept-data-loss",
           [&options](const std::string& given) {
               options.accept_data_loss = engine::parse_loss_limit(given);
               if (!options.accept_data_loss) {
                   throw Error(ErrorCode::usage,
                               fmt::format("cannot read --accept-data-loss '{}': it is neither a "
                                           "duration nor a size",
                                           given),
                               "give what may be lost at the most: 10m, 26h, 16MiB");
               }
           },
           "Agree to losing up to that much, for example 26h or 16MiB")
        ->type_name("DURATION|SIZE")
        ->group(consent_group);
}

} // namespace

Report::By who(const std::vector<std::string>& argv) {
    // Read before any thread of ours exists.
    const char* sudo_user = std::getenv("SUDO_USER"); // NOLINT(concurrency-mt-unsafe)
    return {system::current_user().name, sudo_user == nullptr ? "" : sudo_user, system::host_name(),
            argv};
}

void add_confirmation_options(CLI::App& app, ProcedureOptions& options) {
    app.add_flag("-y,--yes", options.yes,
                 "Answer the question \"go ahead?\" with yes; never agrees to losing data")
        ->group(consent_group);
    add_text(app, "--reason", options.reason, "TEXT", "Why; kept in the journal and the report")
        ->group(run_group);
    add_text(app, "--incident", options.incident, "ID",
             "The incident this belongs to; kept in the journal and the report")
        ->group(run_group);
    add_duration(app, "--lock-timeout", options.lock_timeout,
                 "Wait that long for another run's lock; default 0s")
        ->group(run_group);
    add_duration(app, "--timeout", options.timeout,
                 "Give up after that long, and undo what can be undone")
        ->group(run_group);
}

void add_procedure_options(CLI::App& app, ProcedureOptions& options, bool loses_data) {
    add_plan_options(app, options);
    if (loses_data) {
        add_consent_to_loss(app, options);
    }
    add_confirmation_options(app, options);
    app.add_flag("--resume", options.resume,
                 "Continue a run that a person stopped, also where there is no terminal")
        ->group(run_group);
}

engine::RunRequest request_of(const ProcedureOptions& options, const Context& context) {
    if (options.exit_code && !options.plan) {
        throw Error(ErrorCode::usage, "cannot use --exit-code without --plan",
                    "add --plan, or leave --exit-code out");
    }
    engine::RunRequest request;
    request.plan_only = options.plan;
    request.yes = options.yes;
    request.resume = options.resume;
    request.consent.accepted = options.accept_data_loss;
    request.consent.at_terminal = context.console.interactive();
    if (!options.expect_plan.empty()) {
        request.expect_plan = options.expect_plan;
    }
    request.lock_timeout = options.lock_timeout.value_or(system::Duration::zero());
    request.reason = options.reason;
    request.incident = options.incident;
    request.by = who(context.argv);
    return request;
}

} // namespace drctl::app
