// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/session_settings.hpp"

#include <algorithm>
#include <string_view>

namespace drctl::postgres::restore {
namespace {

bool changes_user(const AppliedSetting& setting) {
    return setting.parameter == "session authorization" || setting.parameter == "role";
}

bool contains(const SettingList& list, const AppliedSetting& setting) {
    return std::find(list.begin(), list.end(), setting) != list.end();
}

bool sets(const SettingList& list, const std::string& parameter) {
    return std::any_of(list.begin(), list.end(), [&](const AppliedSetting& setting) {
        return setting.parameter == parameter;
    });
}

SettingList only_users(const SettingList& list) {
    SettingList users;
    std::copy_if(list.begin(), list.end(), std::back_inserter(users), changes_user);
    return users;
}

} // namespace

void SettingTrail::apply(const dump::Statement& setting) {
    auto next = std::make_shared<SettingList>();
    if (setting.object != "all") { // RESET ALL
        *next = *list_;
        std::erase_if(
            *next, [&](const AppliedSetting& known) { return known.parameter == setting.object; });
        next->push_back({setting.object, setting.text});
    }
    list_ = std::move(next);
}

std::vector<std::string> changes_between(const SettingList& from, const SettingList& to) {
    std::vector<std::string> changes;
    const bool other_user = only_users(from) != only_users(to);
    if (other_user) {
        changes.emplace_back("RESET SESSION AUTHORIZATION");
        changes.emplace_back("RESET ROLE");
    }
    for (const auto& setting : from) {
        if (!changes_user(setting) && !sets(to, setting.parameter)) {
            changes.push_back("RESET " + setting.parameter);
        }
    }
    for (const auto& setting : to) {
        if (!changes_user(setting) && !contains(from, setting)) {
            changes.push_back(setting.text);
        }
    }
    if (other_user) {
        for (const auto& setting : only_users(to)) {
            changes.push_back(setting.text);
        }
    }
    return changes;
}

} // namespace drctl::postgres::restore
