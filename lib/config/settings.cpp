// SPDX-License-Identifier: Apache-2.0
#include "config/settings.hpp"

#include "config/key_check.hpp"
#include "config/schema.hpp"
#include "system/http.hpp"

#include <algorithm>

namespace drctl::config {
namespace {

constexpr std::string_view withheld = "(not shown: not a valid source of a secret)";

/// Follows names from section to section.
class Walk {
  public:
    explicit Walk(const Document& document) : document_(document) {}

    void enter(std::string_view kind, const std::string& name, bool with_parts) {
        const KeyPath path{std::string(kind), name};
        const auto* table = document_.find_table(path);
        const auto* section = find_section(kind);
        if (section == nullptr || table == nullptr) {
            return;
        }
        const bool is_new = seen_.insert(path_text(path)).second;
        if (with_parts) {
            enter_parts(*section, path);
        }
        // A probe reads a database's own keys and nothing that they name.
        if (is_new && (with_parts || kind != "database")) {
            follow(*section, *table);
        }
    }

    [[nodiscard]] std::set<std::string> seen() && { return std::move(seen_); }

  private:
    void enter_parts(const SectionInfo& section, KeyPath path) {
        for (const auto* part : schema()) {
            if (part->kind == section.kind && !part->part.empty()) {
                path.emplace_back(part->part);
                seen_.insert(path_text(path));
                path.pop_back();
            }
        }
    }

    void follow(const SectionInfo& section, const Table& table) {
        for (const auto& key : section.keys) {
            const auto* value = key.refers_to.empty() ? nullptr : table.find(key.name);
            if (value == nullptr) {
                continue;
            }
            if (value->string() != nullptr) {
                enter(key.refers_to, *value->string(), false);
            }
            for (const auto& element : value->array() != nullptr ? *value->array() : Array{}) {
                if (element.string() != nullptr) {
                    enter(key.refers_to, *element.string(), false);
                }
            }
        }
    }

    const Document& document_;
    std::set<std::string> seen_;
};

/// True if a value must not be shown: it may be, or contain, a secret in the wrong place.
bool is_suspect(const KeyInfo& key, const Value& value) {
    return (key.type == KeyType::secret || key.type == KeyType::conninfo ||
            key.type == KeyType::url) &&
           mistake_in(value, key);
}

void add_value(const KeyPath& path, const Value& value, std::vector<Setting>& into) {
    Flat flat;
    flatten(path, value, flat);
    for (auto& [key, json] : flat) {
        into.push_back({key, std::move(json), value.origin});
    }
}

enum class Reader { journal, people };

/// What a reader gets of a value. Whoever continues a run needs an URL whole; people need not see
/// what may be a token in it.
Value visible(const KeyInfo& key, const Value& value, Reader reader) {
    if (is_suspect(key, value)) {
        return {std::string(withheld), value.origin};
    }
    if (key.type == KeyType::url && reader == Reader::people) {
        const auto shown = system::url_to_show(*value.string());
        return {shown == *value.string() ? shown : shown + "?[redacted]", value.origin};
    }
    return value;
}

void add_keys(const SectionInfo& section, const KeyPath& path, const std::string& name,
              const Table& table, Reader reader, std::vector<Setting>& into) {
    for (const auto& key : section.keys) {
        auto key_path = path;
        key_path.emplace_back(key.name);
        if (const auto* value = table.find(key.name)) {
            add_value(key_path, visible(key, *value, reader), into);
            continue;
        }
        const auto value = default_of(section, key, name);
        if (value && (!key.when || holds(*key.when, section, table, name))) {
            add_value(key_path, *value, into);
        }
    }
}

/// An array of tables is one setting: which of two lists an element belongs to has no name.
void add_repeated(const SectionInfo& section, const KeyPath& path, const Value& value,
                  std::vector<Setting>& into) {
    Array known;
    for (const auto& element : value.array() != nullptr ? *value.array() : Array{}) {
        Table keys;
        for (const auto& key : section.keys) {
            const auto* found =
                element.table() == nullptr ? nullptr : element.table()->find(key.name);
            if (found != nullptr) {
                keys.put(std::string(key.name), found->origin, *found);
            }
        }
        known.push_back({std::move(keys), element.origin});
    }
    into.push_back({path_text(path), to_json({std::move(known), {}}), value.origin});
}

/// Paths of a section as the document has it: one for a single section, else one per name.
std::vector<KeyPath> paths_of(const Document& document, const SectionInfo& section) {
    const std::string kind(section.kind);
    if (section.shape == SectionInfo::Shape::single) {
        return {{kind}};
    }
    std::vector<KeyPath> paths;
    const auto* all = document.find_table({kind});
    for (const auto& entry : all != nullptr ? all->entries() : std::vector<Entry>{}) {
        auto& path = paths.emplace_back(KeyPath{kind, entry.key});
        if (!section.part.empty()) {
            path.emplace_back(section.part);
        }
    }
    return paths;
}

std::vector<Setting> collect(const Document& document, const std::set<std::string>* wanted) {
    static const Table nothing_written;
    std::vector<Setting> result;
    for (const auto* section : schema()) {
        for (const auto& path : paths_of(document, *section)) {
            const auto* value = document.find(path);
            const bool is_single = section->shape == SectionInfo::Shape::single;
            if ((value == nullptr && !is_single) ||
                (wanted != nullptr && wanted->count(path_text(path)) == 0)) {
                continue;
            }
            if (section->shape == SectionInfo::Shape::repeated) {
                add_repeated(*section, path, *value, result);
            } else if (value == nullptr || value->table() != nullptr) {
                add_keys(*section, path, is_single ? std::string() : path.at(1),
                         value == nullptr ? nothing_written : *value->table(),
                         wanted == nullptr ? Reader::people : Reader::journal, result);
            }
        }
    }
    std::sort(result.begin(), result.end(),
              [](const Setting& a, const Setting& b) { return a.key < b.key; });
    return result;
}

} // namespace

std::set<std::string> sections_of(const Document& document, const Target& target) {
    Walk walk(document);
    walk.enter(target.kind, target.name, true);
    auto sections = std::move(walk).seen();
    sections.insert("state");
    // Also where the target itself is missing or malformed: that mistake is its own.
    sections.insert(path_text({target.kind, target.name}));
    return sections;
}

std::vector<Setting> settings_of(const Document& document, const std::set<std::string>& sections) {
    return collect(document, &sections);
}

std::vector<Setting> all_settings(const Document& document) {
    return collect(document, nullptr);
}

namespace {

std::vector<Setting> relevant(const Document& document, const Target& target) {
    auto sections = sections_of(document, target);
    sections.erase("state");
    return settings_of(document, sections);
}

} // namespace

Flat relevant_settings(const Document& document, const Target& target) {
    Flat flat;
    for (auto& setting : relevant(document, target)) {
        flat.emplace(std::move(setting.key), std::move(setting.json));
    }
    return flat;
}

std::vector<Difference> differences(const Flat& recorded, const Document& today,
                                    const Target& target) {
    std::vector<Difference> result;
    auto left = recorded;
    for (const auto& setting : relevant(today, target)) {
        const auto before = left.extract(setting.key);
        if (before.empty()) {
            if (setting.origin.kind != Origin::Kind::built_in) {
                result.push_back({setting.key, std::nullopt, setting.json});
            }
        } else if (before.mapped() != setting.json) {
            result.push_back({setting.key, before.mapped(), setting.json});
        }
    }
    for (const auto& [key, json] : left) {
        result.push_back({key, json, std::nullopt});
    }
    return result;
}

} // namespace drctl::config
