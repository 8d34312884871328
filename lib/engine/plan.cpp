// SPDX-License-Identifier: Apache-2.0
#include "engine/plan.hpp"

#include "system/digest.hpp"

#include <nlohmann/json.hpp>

namespace drctl::engine {

std::string plan_id(const std::string& target, const Plan& plan) {
    auto steps = nlohmann::json::array();
    for (const auto& planned : plan.steps) {
        steps.push_back({planned.step->id(), planned.step->title()}); // which services, which file
    }
    nlohmann::json body{{"target", target}, {"rung", plan.rung}, {"steps", std::move(steps)}};
    if (plan.backup) {
        body["backup"] = plan.backup->sha256;
    }
    if (const auto identity = plan.facts.get(fact::identity)) {
        body["identity"] = *identity;
    }
    constexpr std::size_t enough_to_tell_apart = 16;
    return system::sha256_hex(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
        .substr(0, enough_to_tell_apart);
}

} // namespace drctl::engine
