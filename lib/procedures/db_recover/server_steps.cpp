// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/server_steps.hpp"

#include "drctl/error.hpp"
#include "postgres/start_diagnosis.hpp"
#include "procedures/db_recover/cause_fact.hpp"
#include "procedures/db_recover/facts.hpp"
#include "system/units.hpp"

#include <fmt/core.h>

namespace drctl::procedures {
namespace {

using engine::CheckResult;
using engine::StepContext;
using State = postgres::ServerProbe::State;
using namespace std::chrono_literals;

constexpr auto between_looks = 100ms;
/// A server that the manager calls started, and that nobody can reach for that long, is not up.
constexpr auto until_it_listens = 30s;

bool is_down(State state) {
    return state == State::refused || state == State::unreachable;
}

} // namespace

std::string StartServer::title() const {
    return "start PostgreSQL (" + target_.database().server.value_or("") + ")";
}

CheckResult StartServer::check(StepContext& context) {
    const auto probe = target_.probe(context.stop());
    return is_down(probe.state) ? CheckResult::needed(probe.evidence)
                                : CheckResult::satisfied(probe.evidence);
}

void StartServer::apply(StepContext& context) {
    std::string manager_says;
    try {
        target_.server()->start(context.stop());
    } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted || error.code() == ErrorCode::refused) {
            throw; // who may not start it learns nothing about why it would not start
        }
        // Managers give up waiting before a long crash recovery ends, and Debian's unit hides
        // failures: only the server itself tells.
        manager_says = error.message();
    }
    if (!answers_in_time(context)) {
        explain_failure(context, manager_says);
    }
}

bool StartServer::answers_in_time(StepContext& context) {
    const auto& clock = context.clock();
    const auto deadline = clock.steady() + until_it_listens;
    while (true) {
        if (!is_down(target_.probe(context.stop()).state)) {
            return true;
        }
        const auto status = target_.server()->status(context.stop());
        const bool over = status.activity == service::Status::Activity::failed ||
                          status.activity == service::Status::Activity::stopped;
        if (over || clock.steady() >= deadline) {
            // It may have come up between the two looks.
            return !is_down(target_.probe(context.stop()).state);
        }
        if (!clock.wait_for(between_looks, context.stop())) {
            context.stop().throw_if_requested();
        }
    }
}

void StartServer::explain_failure(StepContext& context, const std::string& manager_says) {
    const auto cause = postgres::diagnose_start(target_.database(), *target_.tools().processes,
                                                context.clock(), context.stop());
    context.record(fact::start_failure, to_fact(cause));
    const auto said = manager_says.empty() ? "" : fmt::format(" ({})", manager_says);
    throw Error(ErrorCode::failed, fmt::format("cannot start the server: {}{}", cause.words, said),
                cause.hint);
}

void StartServer::undo(StepContext& context, engine::UndoReason) {
    target_.server()->stop(context.stop());
}

CheckResult WaitForServer::check(StepContext& context) {
    const auto probe = target_.probe(context.stop());
    return probe.state == State::starting ? CheckResult::needed(probe.evidence)
                                          : CheckResult::satisfied(probe.evidence);
}

void WaitForServer::apply(StepContext& context) {
    const auto& clock = context.clock();
    const auto began = clock.steady();
    const auto patience = target_.database().start_deadline;
    auto next_note = began + 30s;
    while (target_.probe(context.stop()).state == State::starting) {
        const auto now = clock.steady();
        if (now - began >= patience) {
            throw Error(ErrorCode::failed,
                        fmt::format("cannot wait any longer: the server is still recovering "
                                    "after {}",
                                    system::format_duration(patience)),
                        fmt::format("it goes on by itself; watch its log, or give it more time: "
                                    "--set database.{}.start_deadline='\"2h\"'",
                                    target_.database().name));
        }
        if (now >= next_note) {
            next_note = now + 30s;
            context.observer().note("the server is still recovering");
        }
        if (!clock.wait_for(between_looks, context.stop())) {
            context.stop().throw_if_requested();
        }
    }
}

} // namespace drctl::procedures
