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

} // namespace drctl::engine
