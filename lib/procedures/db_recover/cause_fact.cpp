// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/cause_fact.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace drctl::procedures {
namespace {

using postgres::DamageScope;

constexpr std::array<std::pair<DamageScope, std::string_view>, 4> scope_names{{
    {DamageScope::none, "none"},
    {DamageScope::index, "index"},
    {DamageScope::database, "database"},
    {DamageScope::cluster, "cluster"},
}};

} // namespace

std::string to_fact(const postgres::Cause& cause) {
    std::string_view scope;
    for (const auto& [candidate, name] : scope_names) {
        scope = candidate == cause.scope ? name : scope;
    }
    return nlohmann::json{{"kind", name_of(cause.kind)},
                          {"damage", scope},
                          {"words", cause.words},
                          {"hint", cause.hint}}
        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

postgres::Cause cause_from_fact(const std::string& fact) {
    const auto body = nlohmann::json::parse(fact, nullptr, false);
    if (body.is_object()) {
        for (const auto& [scope, name] : scope_names) {
            if (body.value("damage", "") == name) {
                postgres::Cause cause;
                cause.scope = scope;
                cause.words = body.value("words", "");
                cause.hint = body.value("hint", "");
                return cause;
            }
        }
    }
    throw Error(ErrorCode::damaged, "cannot read why the server did not start: no such fact");
}

} // namespace drctl::procedures
