// SPDX-License-Identifier: Apache-2.0
#include "engine/loss.hpp"

#include "engine/consent.hpp"
#include "engine/facts.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace drctl::engine {
namespace {

using std::chrono::seconds;

std::optional<system::WallTime> time_in(const RunRecord& record, const char* key) {
    return system::parse_rfc3339(record.facts.get(key).value_or(""));
}

/// Until when it was or will be written to; `now` where it still is.
system::WallTime end_of_writing(const RunRecord& record, system::WallTime now) {
    const auto quiet = time_in(record, fact::quiet_since).value_or(now);
    return time_in(record, fact::loss_until).value_or(quiet);
}

/// What is lost if it is replaced now.
std::optional<ExpectedLoss> loss_now(const RunRecord& record, system::WallTime now) {
    if (!record.loss || !record.loss->upto) {
        return std::nullopt;
    }
    const auto upto = *record.loss->upto;
    const auto since = std::chrono::ceil<seconds>(end_of_writing(record, now) - upto);
    const auto amount = std::max(since, record.loss->at_most.value_or(seconds(0)));
    return ExpectedLoss{loss_in_words(record.header.target, upto, amount),
                        {upto, amount},
                        std::nullopt,
                        std::nullopt};
}

std::optional<system::Duration> accepted_limit(const RunRecord& record) {
    return system::parse_duration(record.facts.get(fact::loss_accepted).value_or(""));
}

Agreement agree(const ExpectedLoss& loss, const std::string& target, const Environment& environment,
                const RunRequest& request) {
    const auto decision = decide_consent(loss, target, request.consent);
    if (decision.kind == ConsentDecision::Kind::refused) {
        throw Error(ErrorCode::refused,
                    fmt::format("cannot restore '{}': {}", target, decision.words), decision.hint);
    }
    if (decision.kind == ConsentDecision::Kind::given) {
        return {decision.words, decision.limit, false};
    }
    if (!environment.prompter.agree_to_loss(target, loss.what)) {
        throw Error(ErrorCode::refused, "nothing was done: the loss was not agreed to",
                    "to agree, type the name of the target when asked; Enter means no");
    }
    return {"data-loss (typed at the terminal)", std::nullopt, true};
}

} // namespace

std::string loss_in_words(const std::string& target, system::WallTime upto, seconds amount) {
    return fmt::format("everything written to '{}' since {} ({})", target,
                       system::format_rfc3339(upto), system::format_duration(amount));
}

std::optional<Report::DataLoss> loss_of(const RunRecord& record) {
    const auto end = time_in(record, fact::loss_until);
    const auto loss = end ? loss_now(record, *end) : std::nullopt;
    return loss ? loss->amount : record.loss;
}

bool agree_to_loss(Plan& plan, const std::string& target, const Environment& environment,
                   const RunRequest& request) {
    if (!plan.loss) {
        return false;
    }
    const auto agreement = agree(*plan.loss, target, environment, request);
    plan.accepted.push_back(agreement.words);
    plan.facts.set(fact::loss_accepted, limit_to_fact(agreement));
    return agreement.typed;
}

std::optional<Agreement> agree_again(const RunRecord& record, const Environment& environment,
                                     const RunRequest& request) {
    const auto loss = loss_now(record, environment.clock.wall());
    if (!loss) {
        return std::nullopt;
    }
    const auto planned = record.loss->at_most.value_or(seconds(0));
    const auto limit = accepted_limit(record).value_or(limit_that_covers(planned));
    if (*loss->amount.at_most <= limit) {
        return std::nullopt;
    }
    return agree(*loss, record.header.target, environment, request);
}

std::optional<Error> loss_not_covered(const RunRecord& record, system::WallTime now) {
    const auto loss = loss_now(record, now);
    const auto limit = accepted_limit(record);
    if (!loss || !limit || *loss->amount.at_most <= *limit) {
        return std::nullopt;
    }
    return Error(ErrorCode::refused,
                 fmt::format("cannot replace '{}': {} would be lost by now, and {} were agreed to",
                             record.header.target, system::format_duration(*loss->amount.at_most),
                             system::format_duration(*limit)),
                 how_to_accept(*loss));
}

std::string limit_to_fact(const Agreement& agreement) {
    return agreement.limit
               ? fmt::format("{}s", std::chrono::ceil<seconds>(*agreement.limit).count())
               : "";
}

} // namespace drctl::engine
