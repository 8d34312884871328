// SPDX-License-Identifier: Apache-2.0
#include "engine/resumption.hpp"

#include "drctl/error.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace drctl::engine {
namespace {

using Flat = std::map<std::string, std::string>;
using Phase = RunRecord::Phase;

/// Options left out now are taken from the journal; only a contradiction is a difference.
std::vector<std::string> option_differences(const Flat& before, const Flat& now) {
    std::vector<std::string> found;
    for (const auto& [key, value] : now) {
        const auto other = before.find(key);
        if (other == before.end() || other->second != value) {
            found.push_back(fmt::format("--{} {} is not what it was begun with", key, value));
        }
    }
    return found;
}

} // namespace

std::string undo_command(const std::string& run) {
    return "drctl runs undo " + run;
}

void check_resumable(const RunRecord& record, Procedure& procedure, const Environment& environment,
                     const RunRequest& request) {
    const auto& run = record.header.run;
    if (record.phase == Phase::undo_requested) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot go on: run {} is being taken back", run),
                    "finish that first: " + undo_command(run));
    }
    if (record.phase == Phase::undoing) {
        return; // it goes on being undone, whatever has changed since
    }
    if (record.phase == Phase::interrupted && !request.resume && !request.consent.at_terminal) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot go on: somebody stopped run {} by hand", run),
                    "add --resume to continue it, or take it back: " + undo_command(run));
    }
    const std::vector<RungResult> no_history;
    auto found = procedure.differences(
        record.header.configuration,
        {environment.clock, environment.stop, environment.observer, record.facts, no_history, run});
    for (auto& option : option_differences(record.header.options, procedure.options())) {
        found.push_back(std::move(option));
    }
    if (!found.empty()) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot continue run {}: {}", run, fmt::join(found, "; ")),
                    "change that back and type the same command, or take the run back: " +
                        undo_command(run));
    }
}

} // namespace drctl::engine
