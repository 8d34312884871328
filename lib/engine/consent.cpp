// SPDX-License-Identifier: Apache-2.0
#include "engine/consent.hpp"

#include <fmt/core.h>

namespace drctl::engine {
namespace {

/// The loss in time. One below zero comes from a wrong time of the backup, so it is not known: any
/// limit would cover it.
std::optional<std::chrono::seconds> time_lost(const ExpectedLoss& loss) {
    const auto& lost = loss.amount.at_most;
    return lost && lost->count() >= 0 ? lost : std::nullopt;
}

bool covers(const LossLimit& limit, const ExpectedLoss& loss) {
    if (const auto* time = std::get_if<system::Duration>(&limit)) {
        const auto lost = time_lost(loss);
        return lost && *lost <= *time;
    }
    return loss.bytes && *loss.bytes <= std::get<system::ByteSize>(limit).bytes;
}

std::string amount_of(const ExpectedLoss& loss) {
    if (const auto lost = time_lost(loss)) {
        return system::format_duration(*lost);
    }
    return loss.bytes ? system::format_size({*loss.bytes}) : std::string("an unknown amount");
}

ConsentDecision refuse(std::string words, std::string hint) {
    return {ConsentDecision::Kind::refused, std::move(words), std::move(hint), {}};
}

ConsentDecision give(const LossLimit& limit, const char* origin) {
    const auto* time = std::get_if<system::Duration>(&limit);
    return {ConsentDecision::Kind::given,
            "data-loss " + format_loss_limit(limit) + origin,
            {},
            time != nullptr ? std::optional(*time) : std::nullopt};
}

} // namespace

std::optional<LossLimit> parse_loss_limit(std::string_view text) noexcept {
    if (const auto duration = system::parse_duration(text)) {
        return *duration;
    }
    if (const auto size = system::parse_size(text)) {
        return *size;
    }
    return std::nullopt;
}

std::string format_loss_limit(const LossLimit& limit) {
    if (const auto* time = std::get_if<system::Duration>(&limit)) {
        return system::format_duration(*time);
    }
    return system::format_size(std::get<system::ByteSize>(limit));
}

std::chrono::hours limit_that_covers(std::chrono::seconds loss) {
    return std::chrono::ceil<std::chrono::hours>(loss + std::chrono::minutes(15));
}

std::string how_to_accept(const ExpectedLoss& loss) {
    const auto lost = time_lost(loss);
    return lost ? fmt::format("to accept it, add --accept-data-loss {}h",
                              limit_that_covers(*lost).count())
                : "to accept it, add --accept-data-loss SIZE";
}

ConsentDecision decide_consent(const ExpectedLoss& loss, const std::string& target,
                               const ConsentPolicy& policy) {
    const auto retype = how_to_accept(loss);
    if (!policy.at_terminal && loss.repeats) {
        return refuse(fmt::format("'{}' was restored only lately by run {}; restoring it again "
                                  "unattended would lose what was written since",
                                  target, *loss.repeats),
                      "look at it at a terminal: drctl db-recover " + target);
    }
    if (policy.accepted) {
        if (covers(*policy.accepted, loss)) {
            return give(*policy.accepted, "");
        }
        return refuse(fmt::format("{} would be lost, and --accept-data-loss covers {}",
                                  amount_of(loss), format_loss_limit(*policy.accepted)),
                      retype);
    }
    if (policy.at_terminal) {
        return {ConsentDecision::Kind::ask, {}, {}, {}};
    }
    if (!policy.unattended_restore) {
        return refuse(fmt::format("{} would be lost, and nobody is here to agree", amount_of(loss)),
                      retype);
    }
    if (!policy.max_data_loss) {
        return refuse("unattended = \"restore\" needs max_data_loss, which is not set", retype);
    }
    if (!covers(*policy.max_data_loss, loss)) {
        return refuse(fmt::format("{} would be lost, and max_data_loss is {}", amount_of(loss),
                                  format_loss_limit(*policy.max_data_loss)),
                      retype);
    }
    return give(*policy.max_data_loss, " (max_data_loss)");
}

} // namespace drctl::engine
