// SPDX-License-Identifier: Apache-2.0
#include "config/section_check.hpp"

#include "config/key_check.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace drctl::config {
namespace {

class Checker {
  public:
    Checker(const SectionAt& section, const Document& document, Problems& problems)
        : section_(section), document_(document), problems_(problems) {}

    std::set<std::string_view> run() {
        for (const auto& entry : section_.table.entries()) {
            check_known(entry);
        }
        for (const auto& key : section_.info.keys) {
            const auto* value = section_.table.find(key.name);
            if (value == nullptr) {
                check_missing(key);
            } else if (check_value(key, *value)) {
                usable_.insert(key.name);
            }
        }
        check_exactly_one();
        return std::move(usable_);
    }

  private:
    void add(const Origin& origin, std::string message, std::string hint) {
        problems_.push_back({Severity::error, path_text(section_.path), origin, std::move(message),
                             std::move(hint)});
    }

    [[nodiscard]] bool is_part(std::string_view name) const {
        return section_.info.part.empty() && find_section(section_.info.kind, name) != nullptr;
    }

    void check_known(const Entry& entry) {
        if (section_.info.find(entry.key) != nullptr || is_part(entry.key)) {
            return;
        }
        std::vector<std::string> known;
        for (const auto& key : section_.info.keys) {
            known.emplace_back(key.name);
        }
        for (const auto* other : schema()) {
            if (other->kind == section_.info.kind && !other->part.empty() &&
                section_.info.part.empty()) {
                known.emplace_back(other->part);
            }
        }
        add(entry.key_origin, fmt::format("unknown key '{}' in {}", entry.key, section_.header()),
            suggestion(entry.key, "known keys", known));
    }

    void check_missing(const KeyInfo& key) {
        if (!key.required || (key.when && !applies(*key.when))) {
            return;
        }
        add(section_.origin, fmt::format("'{}' is missing in {}", key.name, section_.header()),
            fmt::format("add a line such as: {} = {}", key.name, key.example));
    }

    [[nodiscard]] bool applies(const Condition& condition) const {
        return holds(condition, section_.info, section_.table, section_.name);
    }

    bool check_value(const KeyInfo& key, const Value& value) {
        if (auto mistake = mistake_in(value, key)) {
            add(value.origin,
                fmt::format("'{}' in {} {}", key.name, section_.header(), mistake->message),
                std::move(mistake->hint));
            return false;
        }
        if (key.when && !applies(*key.when)) {
            const auto needed = key.when->value.empty()
                                    ? fmt::format("{}", key.when->key)
                                    : fmt::format("{} = \"{}\"", key.when->key, key.when->value);
            add(value.origin,
                fmt::format("'{}' in {} means nothing without {}", key.name, section_.header(),
                            needed),
                fmt::format("remove it, or add {}", needed));
            return false;
        }
        return key.refers_to.empty() || check_references(key, value);
    }

    bool check_references(const KeyInfo& key, const Value& value) {
        if (value.array() == nullptr) {
            return check_reference(key, value);
        }
        bool good = true;
        for (const auto& element : *value.array()) {
            good = check_reference(key, element) && good;
        }
        return good;
    }

    bool check_reference(const KeyInfo& key, const Value& value) {
        const KeyPath kind{std::string(key.refers_to)};
        const auto* table = document_.find_table(kind);
        const auto& name = *value.string();
        if (table != nullptr && table->find(name) != nullptr) {
            return true;
        }
        std::vector<std::string> known;
        if (table != nullptr) {
            for (const auto& entry : table->entries()) {
                known.push_back(entry.key);
            }
        }
        const auto missing = path_text({kind.front(), name});
        add(value.origin,
            fmt::format("'{}' in {} names {}, but there is no [{}]", key.name, section_.header(),
                        in_quotes(name), missing),
            known.empty()
                ? fmt::format("add the section [{}]", missing)
                : suggestion(name, fmt::format("configured [{}.*]", key.refers_to), known));
        return false;
    }

    void check_exactly_one() {
        const auto& choices = section_.info.exactly_one;
        std::vector<std::string_view> found;
        for (const auto& choice : choices) {
            if (section_.table.find(choice) != nullptr) {
                found.push_back(choice);
            }
        }
        if (choices.empty() || found.size() == 1) {
            return;
        }
        add(section_.origin,
            fmt::format("{} must have exactly one of {}; it has {}", section_.header(),
                        fmt::join(choices, ", "),
                        found.empty() ? "none" : fmt::format("{}", fmt::join(found, " and "))),
            {});
    }

    const SectionAt& section_;
    const Document& document_;
    Problems& problems_;
    std::set<std::string_view> usable_;
};

} // namespace

std::string SectionAt::header() const {
    const auto text = path_text(path);
    return info.shape == SectionInfo::Shape::repeated ? fmt::format("[[{}]]", text)
                                                      : fmt::format("[{}]", text);
}

std::set<std::string_view> check_section(const SectionAt& section, const Document& document,
                                         Problems& problems) {
    return Checker(section, document, problems).run();
}

std::string suggestion(std::string_view word, std::string_view what,
                       const std::vector<std::string>& candidates) {
    auto sorted = candidates;
    std::sort(sorted.begin(), sorted.end());
    auto list = fmt::format("{}: {}", what, fmt::join(sorted, ", "));
    if (const auto near = nearest(word, sorted)) {
        return fmt::format("did you mean '{}'? {}", *near, list);
    }
    return list;
}

} // namespace drctl::config
