// SPDX-License-Identifier: Apache-2.0
#include "engine/go_ahead.hpp"

#include "drctl/error.hpp"

#include <fmt/core.h>

namespace drctl::engine {

void ask_to_go_ahead(const std::string& question, const std::string& hint,
                     const Environment& environment, const RunRequest& request) {
    if (request.yes) {
        return;
    }
    if (!request.consent.at_terminal) {
        throw Error(ErrorCode::usage, "cannot ask whether to go ahead: no terminal", hint);
    }
    if (!environment.prompter.go_ahead(question)) {
        throw Error(ErrorCode::refused, "nothing was done: the answer was no", hint);
    }
}

bool agree_to_loss(Plan& plan, const std::string& target, const Environment& environment,
                   const RunRequest& request) {
    if (!plan.loss) {
        return false;
    }
    const auto decision = decide_consent(*plan.loss, target, request.consent);
    if (decision.kind == ConsentDecision::Kind::refused) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot restore '{}': {}", target, decision.words), decision.hint);
    }
    if (decision.kind == ConsentDecision::Kind::given) {
        plan.accepted.push_back(decision.words);
        return false;
    }
    if (!environment.prompter.agree_to_loss(target, plan.loss->what)) {
        throw Error(ErrorCode::refused, "nothing was done: the loss was not agreed to",
                    "to agree, type the name of the target when asked; Enter means no");
    }
    plan.accepted.emplace_back("data-loss (typed at the terminal)");
    return true;
}

} // namespace drctl::engine
