// SPDX-License-Identifier: Apache-2.0
#include "config/reference.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace drctl::config {
namespace {

constexpr std::size_t width = 96;

/// Appends text as comment lines, wrapped at words.
void add_comment(std::string& file, std::string_view text) {
    std::string line = "#";
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (line.size() > 1 && line.size() + 1 + end > width) {
            file += line + "\n";
            line = "#";
        }
        line += " " + std::string(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    file += line + "\n";
}

/// The words of Markdown, without its marks.
std::string plain(std::string_view markdown) {
    std::string result(markdown);
    result.erase(
        std::remove_if(result.begin(), result.end(), [](char c) { return c == '`' || c == '*'; }),
        result.end());
    return result;
}

/// `# ` is a comment for people, `#` alone before a setting is one to be removed.
void add_setting(std::string& file, std::string_view key, std::string_view toml, bool active) {
    file += fmt::format("{}{} = {}\n", active ? "" : "#", key, toml);
}

class Writer {
  public:
    explicit Writer(const std::vector<std::string>& heading) {
        for (const auto& paragraph : heading) {
            add_comment(file_, paragraph);
        }
    }

    void add(const Draft& draft) {
        const bool explained = !explained_.insert(draft.section).second;
        file_ += "\n";
        if (!explained) {
            add_comment(file_, plain(draft.section->description));
        }
        for (const auto& remark : draft.remarks) {
            add_comment(file_, remark);
        }
        file_ += (draft.active ? "" : "#") + draft.section->header(draft.name) + "\n";
        if (explained) {
            add_lines(draft);
        } else {
            add_all_keys(draft);
        }
    }

    [[nodiscard]] bool explained(const SectionInfo* section) const {
        return explained_.count(section) != 0;
    }

    [[nodiscard]] std::string text() && { return std::move(file_); }

  private:
    void add_lines(const Draft& draft) {
        for (const auto& line : draft.lines) {
            add_setting(file_, line.key, to_toml(line.value), draft.active && line.active);
        }
    }

    void add_all_keys(const Draft& draft) {
        for (const auto& key : draft.section->keys) {
            auto text = plain(key.description);
            if (!key.otherwise.empty()) {
                text += fmt::format(" Without it: {}.", plain(key.otherwise));
            }
            add_comment(file_, text);
            const auto line = std::find_if(
                draft.lines.begin(), draft.lines.end(),
                [&](const Draft::Line& candidate) { return candidate.key == key.name; });
            if (line != draft.lines.end()) {
                add_setting(file_, key.name, to_toml(line->value), draft.active && line->active);
            } else {
                const auto value =
                    key.default_value ? to_toml(*key.default_value) : std::string(key.example);
                add_setting(file_, key.name, value, false);
            }
        }
    }

    std::string file_;
    std::set<const SectionInfo*> explained_;
};

std::string_view example_name(const SectionInfo& section) {
    if (section.shape == SectionInfo::Shape::single) {
        return {};
    }
    return section.kind == "health" ? "api" : "shop";
}

} // namespace

std::string commented_file(const std::vector<std::string>& heading,
                           const std::vector<Draft>& drafts) {
    Writer writer(heading);
    for (const auto& draft : drafts) {
        writer.add(draft);
    }
    for (const auto* section : schema()) {
        if (!writer.explained(section)) {
            writer.add({.section = section,
                        .name = std::string(example_name(*section)),
                        .lines = {},
                        .remarks = {},
                        .active = false});
        }
    }
    return std::move(writer).text();
}

} // namespace drctl::config
