// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/schema.hpp"
#include "drctl/export.hpp"

#include <string>
#include <string_view>
#include <vector>

/// The schema in words: the reference in docs/ and the commented file of `config init`.
namespace drctl::config {

/// docs/configuration.md.
[[nodiscard]] DRCTL_API std::string reference_markdown();

/// A section for a new configuration file.
struct Draft {
    struct Line {
        std::string_view key;
        Value value;
        bool active = true; ///< false: written as a comment, for a person to decide
    };
    const SectionInfo* section = nullptr;
    std::string name; ///< empty for a single section
    std::vector<Line> lines;
    std::vector<std::string> remarks; ///< what was seen, what to check; one comment each
    bool active = true;               ///< false: the whole section is a comment
};

/// A configuration file that explains itself: the drafts in their order, the first of each kind
/// with all its other keys as comments, then an example of every kind that has no draft.
[[nodiscard]] std::string commented_file(const std::vector<std::string>& heading,
                                         const std::vector<Draft>& drafts);

} // namespace drctl::config
