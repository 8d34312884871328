// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"

#include "config/binding.hpp"
#include "system/edit_distance.hpp"

#include <algorithm>
#include <array>

namespace drctl::config {

const KeyInfo* SectionInfo::find(std::string_view key) const {
    const auto at = std::find_if(keys.begin(), keys.end(),
                                 [&](const KeyInfo& info) { return info.name == key; });
    return at == keys.end() ? nullptr : &*at;
}

std::string SectionInfo::header(std::string_view name) const {
    KeyPath path{std::string(kind)};
    if (shape != Shape::single) {
        path.emplace_back(name);
    }
    if (!part.empty()) {
        path.emplace_back(part);
    }
    const auto text = path_text(path);
    return shape == Shape::repeated ? "[[" + text + "]]" : "[" + text + "]";
}

std::span<const SectionInfo* const> schema() {
    static const std::array<const SectionInfo*, 6> sections{
        &state_binding().info(),    &service_binding().info(), &health_binding().info(),
        &database_binding().info(), &backups_binding().info(), &verify_binding().info()};
    return sections;
}

const SectionInfo* find_section(std::string_view kind, std::string_view part) {
    for (const auto* section : schema()) {
        if (section->kind == kind && section->part == part) {
            return section;
        }
    }
    return nullptr;
}

std::span<const std::string_view> later_kinds() {
    static constexpr std::array<std::string_view, 7> kinds{
        "app", "dns", "lb", "cluster", "channel", "audience", "procedures"};
    return kinds;
}

std::optional<Value> default_of(const SectionInfo& section, const KeyInfo& key,
                                std::string_view name) {
    if (section.kind == "database" && section.part.empty() && key.name == "dbname") {
        return Value{std::string(name), {}};
    }
    return key.default_value;
}

bool holds(const Condition& condition, const SectionInfo& section, const Table& table,
           std::string_view name) {
    const auto* written = table.find(condition.key);
    if (condition.value.empty()) {
        return written != nullptr;
    }
    if (written != nullptr) {
        return written->string() != nullptr && *written->string() == condition.value;
    }
    const auto* key = section.find(condition.key);
    const auto value = key == nullptr ? std::nullopt : default_of(section, *key, name);
    return value && value->string() != nullptr && *value->string() == condition.value;
}

std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates) {
    std::optional<std::string> best;
    // A third of the word may be wrong.
    std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const auto& candidate : candidates) {
        if (const auto found = system::edits_between(word, candidate); found < least) {
            least = found;
            best = candidate;
        }
    }
    return best;
}

} // namespace drctl::config
