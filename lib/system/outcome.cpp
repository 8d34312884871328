// SPDX-License-Identifier: Apache-2.0
#include "drctl/outcome.hpp"

#include <array>
#include <string>

namespace drctl {
namespace {

struct OutcomeRow {
    Outcome outcome;
    std::string_view name;
    ExitCode exit_code;
};

constexpr std::array outcome_rows{
    OutcomeRow{Outcome::healthy, "healthy", ExitCode::good},
    OutcomeRow{Outcome::started, "started", ExitCode::good},
    OutcomeRow{Outcome::repaired, "repaired", ExitCode::good},
    OutcomeRow{Outcome::recovered, "recovered", ExitCode::good},
    OutcomeRow{Outcome::copied, "copied", ExitCode::good},
    OutcomeRow{Outcome::undone, "undone", ExitCode::good},
    OutcomeRow{Outcome::planned, "planned", ExitCode::good},
    OutcomeRow{Outcome::refused, "refused", ExitCode::refused},
    OutcomeRow{Outcome::failed_undone, "failed-undone", ExitCode::failed_undone},
    OutcomeRow{Outcome::failed, "failed", ExitCode::failed},
    OutcomeRow{Outcome::locked, "locked", ExitCode::locked},
    OutcomeRow{Outcome::unreachable, "unreachable", ExitCode::unreachable},
    OutcomeRow{Outcome::partial, "partial", ExitCode::partial},
    OutcomeRow{Outcome::damaged, "damaged", ExitCode::damaged},
    OutcomeRow{Outcome::over_limit, "over-limit", ExitCode::over_limit},
    OutcomeRow{Outcome::usage, "usage", ExitCode::usage},
    OutcomeRow{Outcome::error, "error", ExitCode::bug},
    OutcomeRow{Outcome::interrupted, "interrupted", ExitCode::interrupted},
};

constexpr std::array exit_code_rows{
    ExitCodeRow{ExitCode::good, "the target is good now, whether or not anything had to be done"},
    ExitCodeRow{ExitCode::bug, "a bug in drctl"},
    ExitCodeRow{ExitCode::usage, "usage or configuration error; nothing was done"},
    ExitCodeRow{ExitCode::refused,
                "refused: a precondition or a consent is missing; nothing was changed"},
    ExitCodeRow{ExitCode::failed_undone, "failed; what this run changed has been undone"},
    ExitCodeRow{ExitCode::failed,
                "failed; an operator is needed, the report says what state things are in"},
    ExitCodeRow{ExitCode::locked, "another run holds the lock"},
    ExitCodeRow{ExitCode::unreachable, "something needed could not be reached (server, API, "
                                       "program); nothing was changed; worth a retry"},
    ExitCodeRow{ExitCode::steps_to_do, "--plan --exit-code: there are steps to do"},
    ExitCodeRow{ExitCode::partial, "partly done: some messages or targets failed or are unknown, "
                                   "the report says which"},
    ExitCodeRow{ExitCode::damaged, "verification found damage"},
    ExitCodeRow{ExitCode::over_limit,
                "a limit was exceeded or something is not good (drill, status)"},
    ExitCodeRow{ExitCode::interrupted, "interrupted by SIGINT; resumable"},
    ExitCodeRow{ExitCode::terminated, "interrupted by SIGTERM; resumable"},
};

} // namespace

std::span<const ExitCodeRow> exit_codes() noexcept {
    return exit_code_rows;
}

std::string_view name_of(Outcome outcome) noexcept {
    for (const auto& row : outcome_rows) {
        if (row.outcome == outcome) {
            return row.name;
        }
    }
    return "error";
}

Outcome outcome_named(std::string_view name) {
    for (const auto& row : outcome_rows) {
        if (row.name == name) {
            return row.outcome;
        }
    }
    throw Error(ErrorCode::damaged, "no outcome is called '" + std::string(name) + "'");
}

ExitCode exit_code_of(Outcome outcome) noexcept {
    for (const auto& row : outcome_rows) {
        if (row.outcome == outcome) {
            return row.exit_code;
        }
    }
    return ExitCode::bug;
}

Outcome outcome_of(ErrorCode code) noexcept {
    switch (code) {
    case ErrorCode::usage:
        return Outcome::usage;
    case ErrorCode::refused:
        return Outcome::refused;
    case ErrorCode::failed:
        return Outcome::failed;
    case ErrorCode::locked:
        return Outcome::locked;
    case ErrorCode::unreachable:
    case ErrorCode::timed_out:
        return Outcome::unreachable;
    case ErrorCode::damaged:
        return Outcome::damaged;
    case ErrorCode::interrupted:
        return Outcome::interrupted;
    case ErrorCode::bug:
        break;
    }
    return Outcome::error;
}

} // namespace drctl
